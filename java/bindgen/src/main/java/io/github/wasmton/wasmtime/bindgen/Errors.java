package io.github.wasmton.wasmtime.bindgen;

import java.util.TreeSet;

import javax.lang.model.element.Modifier;

import com.fasterxml.jackson.databind.JsonNode;
import com.palantir.javapoet.AnnotationSpec;
import com.palantir.javapoet.ClassName;
import com.palantir.javapoet.FieldSpec;
import com.palantir.javapoet.MethodSpec;
import com.palantir.javapoet.ParameterizedTypeName;
import com.palantir.javapoet.TypeName;
import com.palantir.javapoet.TypeSpec;

import io.github.wasmton.wasmtime.component.ComponentException;

/** Exceptions for the errors of functions: one for each named error type, and one for each function without one. */
final class Errors {
    private final Homes homes;
    private final TypeNames types;
    /** Error types that have a class of their own. */
    private final TreeSet<Integer> named = new TreeSet<>();

    Errors(Homes homes, TypeNames types) {
        this.homes = homes;
        this.types = types;
    }

    /** Notes the error of a function. Call it for all functions before the first class is generated. */
    void note(JsonNode function) {
        JsonNode error = types.errorOf(function);
        if (error != null && types.hasClass(error)) {
            named.add(error.asInt());
        }
    }

    /** Returns whether a type is the error of a function, so that it needs an exception. */
    boolean isError(int type) {
        return named.contains(type);
    }

    /** Returns the exception for an error type that has a class of its own. */
    ClassName ofType(int type) {
        ClassName of = homes.classOf(type);
        return of.peerClass(of.simpleName() + "Exception");
    }

    /** Returns whether the function has an exception of its own: the type of its error has no name. */
    boolean hasOwn(JsonNode function) {
        JsonNode error = types.errorOf(function);
        return error != null && error.isInt() && !types.hasClass(error);
    }

    /** Returns the exception that a method throws; null if it cannot fail. */
    ClassName thrownBy(JsonNode function, ClassName own) {
        if (!types.canFail(function)) {
            return null;
        }
        JsonNode error = types.errorOf(function);
        return error == null || !error.isInt() ? ClassName.get(ComponentException.class)
                : hasOwn(function) ? own : ofType(error.asInt());
    }

    /** Generates an exception that holds an error of a type. */
    static TypeSpec exception(ClassName name, TypeName type, String javadoc) {
        MethodSpec.Builder accessor = MethodSpec.methodBuilder("error").addAnnotation(Override.class)
                .addModifiers(Modifier.PUBLIC).returns(type).addStatement("return ($T) super.error()", type);
        if (type instanceof ParameterizedTypeName) {
            accessor.addAnnotation(AnnotationSpec.builder(SuppressWarnings.class)
                    .addMember("value", "$S", "unchecked").build());
        }
        return TypeSpec.classBuilder(name).addModifiers(Modifier.PUBLIC, Modifier.STATIC, Modifier.FINAL)
                .superclass(ComponentException.class)
                .addJavadoc("$L", javadoc)
                .addField(FieldSpec.builder(TypeName.LONG, "serialVersionUID", Modifier.PRIVATE, Modifier.STATIC,
                        Modifier.FINAL).initializer("1L").build())
                .addMethod(MethodSpec.constructorBuilder().addModifiers(Modifier.PUBLIC).addParameter(type, "error")
                        .addStatement("super(error)").addJavadoc("Creates an exception with the error's value.")
                        .build())
                .addMethod(accessor.build()).build();
    }
}
