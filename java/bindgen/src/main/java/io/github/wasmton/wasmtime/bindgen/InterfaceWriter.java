package io.github.wasmton.wasmtime.bindgen;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;

import javax.lang.model.element.Modifier;

import com.fasterxml.jackson.databind.JsonNode;
import com.palantir.javapoet.ClassName;
import com.palantir.javapoet.CodeBlock;
import com.palantir.javapoet.FieldSpec;
import com.palantir.javapoet.MethodSpec;
import com.palantir.javapoet.ParameterizedTypeName;
import com.palantir.javapoet.TypeName;
import com.palantir.javapoet.TypeSpec;

import io.github.wasmton.wasmtime.internal.JavaNames;

/** Writes one Java interface, with the types and functions that belong to it. */
final class InterfaceWriter {
    private final WitDocument document;
    private final Homes homes;
    private final TypeNames types;
    private final Errors errors;
    private final ClassName className;
    /** Name of the interface in messages. */
    private final String where;
    private final TypeSpec.Builder spec;
    /** WIT functions by the name of their Java method, for each class. */
    private final Map<ClassName, Map<String, String>> methods = new HashMap<>();
    /** Interfaces of resources by the number of the type. */
    private final Map<Integer, TypeSpec.Builder> resources = new HashMap<>();

    InterfaceWriter(WitDocument document, Homes homes, TypeNames types, Errors errors, ClassName className,
            String where) {
        this.document = document;
        this.homes = homes;
        this.types = types;
        this.errors = errors;
        this.className = className;
        this.where = where;
        spec = TypeSpec.interfaceBuilder(className).addModifiers(Modifier.PUBLIC);
    }

    InterfaceWriter docs(String markdown) {
        spec.addJavadoc(Javadoc.of(markdown));
        return this;
    }

    /** Adds the constant with the interface's name in components. */
    InterfaceWriter name(String witName) {
        spec.addField(FieldSpec.builder(String.class, "NAME", Modifier.PUBLIC, Modifier.STATIC, Modifier.FINAL)
                .addJavadoc("The name of the interface in components.").initializer("$S", witName).build());
        return this;
    }

    /** Adds a method that returns an exported interface. */
    void part(String method, ClassName part) {
        claim(className, method, part.toString());
        spec.addMethod(MethodSpec.methodBuilder(method).addModifiers(Modifier.PUBLIC, Modifier.ABSTRACT).returns(part)
                .addJavadoc("Returns the exported interface {@link $T}.", part).build());
    }

    /** Adds a type that this interface declares. The class of a type that it only uses is elsewhere. */
    void type(int number) {
        JsonNode type = document.type(number);
        JsonNode kind = type.get("kind");
        if (kind.isTextual()) {
            if (kind.asText().equals("resource")) {
                resources.put(number, TypeSpec.interfaceBuilder(homes.classOf(number))
                        .addModifiers(Modifier.PUBLIC, Modifier.STATIC).addSuperinterface(AutoCloseable.class)
                        .addJavadoc(Javadoc.of(WitDocument.docs(type))));
            }
            return;
        }
        String sort = kind.fieldNames().next();
        ClassName name = switch (sort) {
            case "record", "variant", "enum", "flags" -> homes.classOf(number);
            default -> null;
        };
        if (name == null) {
            return;
        }
        String here = where + ", type '" + type.get("name").asText() + '\'';
        CodeBlock docs = Javadoc.of(WitDocument.docs(type));
        spec.addType(switch (sort) {
            case "record" -> record(name, docs, kind.get(sort).get("fields"), here);
            case "variant" -> variant(name, docs, kind.get(sort).get("cases"), here);
            default -> enumeration(name, docs, kind.get(sort).get(sort.equals("enum") ? "cases" : "flags"));
        });
        if (errors.isError(number)) {
            TypeName value = sort.equals("flags") ? ParameterizedTypeName.get(ClassName.get(Set.class), name) : name;
            spec.addType(Errors.exception(errors.ofType(number), value,
                    "An error of the type {@code " + type.get("name").asText() + "}, as an exception."));
        }
    }

    private TypeSpec record(ClassName name, CodeBlock docs, JsonNode fields, String here) {
        MethodSpec.Builder components = MethodSpec.constructorBuilder();
        CodeBlock.Builder javadoc = CodeBlock.builder().add(docs);
        boolean hasParams = false;
        Map<String, String> taken = new HashMap<>();
        for (JsonNode field : fields) {
            String wit = field.get("name").asText();
            String java = JavaWords.member(JavaNames.camel(wit));
            claim(taken, java, wit, here);
            components.addParameter(types.of(field.get("type"), here + ", field '" + wit + '\''), java);
            String text = Javadoc.phrase(WitDocument.docs(field));
            if (!text.isEmpty()) {
                javadoc.add(hasParams || docs.isEmpty() ? "" : "\n").add("\n@param $L $L", java, text);
                hasParams = true;
            }
        }
        return TypeSpec.recordBuilder(name).addModifiers(Modifier.PUBLIC, Modifier.STATIC)
                .addJavadoc(javadoc.build()).recordConstructor(components.build()).build();
    }

    private TypeSpec variant(ClassName name, CodeBlock docs, JsonNode cases, String here) {
        TypeSpec.Builder variant = TypeSpec.interfaceBuilder(name)
                .addModifiers(Modifier.PUBLIC, Modifier.STATIC, Modifier.SEALED).addJavadoc(docs);
        Map<String, String> taken = new HashMap<>();
        for (JsonNode one : cases) {
            String wit = one.get("name").asText();
            String java = JavaWords.nested(JavaNames.pascal(wit), name.simpleNames());
            claim(taken, java, wit, here);
            MethodSpec.Builder components = MethodSpec.constructorBuilder();
            if (!one.get("type").isNull()) {
                components.addParameter(types.of(one.get("type"), here + ", case '" + wit + '\''), "value");
            }
            variant.addType(TypeSpec.recordBuilder(name.nestedClass(java))
                    .addModifiers(Modifier.PUBLIC, Modifier.STATIC).addSuperinterface(name)
                    .addJavadoc(Javadoc.of(WitDocument.docs(one))).recordConstructor(components.build()).build());
        }
        return variant.build();
    }

    private static TypeSpec enumeration(ClassName name, CodeBlock docs, JsonNode names) {
        TypeSpec.Builder enumeration = TypeSpec.enumBuilder(name).addModifiers(Modifier.PUBLIC, Modifier.STATIC)
                .addJavadoc(docs);
        for (JsonNode one : names) {
            enumeration.addEnumConstant(JavaNames.constant(one.get("name").asText()),
                    TypeSpec.anonymousClassBuilder("").addJavadoc(Javadoc.of(WitDocument.docs(one))).build());
        }
        return enumeration.build();
    }

    /** Adds a function to the interface, or a method to its resource. */
    void function(JsonNode function) {
        String wit = function.get("name").asText();
        String here = where + ", function '" + wit + '\'';
        JsonNode kind = function.get("kind");
        String sort = kind.isTextual() ? kind.asText() : kind.fieldNames().next();
        boolean isAsync = sort.startsWith("async-");
        boolean isMethod = sort.equals("method") || sort.equals("async-method");
        Integer resource = isMethod ? document.resolve(kind.get(sort)).asInt() : null;
        ClassName holder = isMethod ? homes.classOf(resource) : className;
        TypeSpec.Builder target = isMethod ? resources.get(resource) : spec;
        String camel = isMethod ? JavaNames.camel(wit.substring(wit.indexOf('.') + 1)) : JavaNames.function(wit);
        String name = isMethod && camel.equals("close") ? "close_" : JavaWords.member(camel);
        claim(holder, name, wit);

        ClassName own = holder.nestedClass(JavaNames.pascal(camel.replaceAll("([A-Z])", "-$1")) + "Exception");
        ClassName thrown = errors.thrownBy(function, own);
        MethodSpec.Builder method = MethodSpec.methodBuilder(name).addModifiers(Modifier.PUBLIC, Modifier.ABSTRACT)
                .returns(isAsync ? types.ofAsyncResult(function, here) : types.ofResult(function, here));
        CodeBlock docs = Javadoc.of(WitDocument.docs(function));
        method.addJavadoc(docs);
        int number = 0;
        Map<String, String> taken = new HashMap<>();
        for (JsonNode parameter : function.get("params")) {
            if (number++ > 0 || !isMethod) {
                String parameterName = parameter.get("name").asText();
                String java = JavaWords.parameter(parameterName);
                claim(taken, java, parameterName, here);
                method.addParameter(types.of(parameter.get("type"), here + ", parameter '" + parameterName + '\''),
                        java);
            }
        }
        if (thrown != null) {
            method.addException(thrown);
            method.addJavadoc((docs.isEmpty() ? "" : "\n\n") + "@throws $T if the result is an error"
                    + (isAsync ? "; the future completes with it" : ""), thrown);
        }
        target.addMethod(method.build());
        if (errors.hasOwn(function)) {
            target.addType(Errors.exception(own, types.of(types.errorOf(function), here).box(),
                    "An error of {@code " + name + "}, as an exception."));
        }
    }

    /** Claims the name of a method, which no other function of its class may have. */
    private void claim(ClassName holder, String method, String wit) {
        claim(methods.computeIfAbsent(holder, any -> new HashMap<>()), method, wit, where);
    }

    /** Claims a name in Java, which nothing else in the same place may have. */
    private static void claim(Map<String, String> taken, String java, String wit, String where) {
        String other = taken.putIfAbsent(java, wit);
        if (other != null) {
            throw new UnsupportedWitException(where + ": '" + other + "' and '" + wit
                    + "' have the same name in Java, " + java + "; rename one of them");
        }
    }

    /** Returns whether there is a method of that name. */
    boolean hasMethod(String method) {
        return methods.getOrDefault(className, Map.of()).containsKey(method);
    }

    TypeSpec build() {
        resources.forEach((number, resource) -> spec.addType(resource
                .addMethod(MethodSpec.methodBuilder("close").addAnnotation(Override.class)
                        .addModifiers(Modifier.PUBLIC, Modifier.DEFAULT).returns(TypeName.VOID)
                        .addJavadoc("Drops a resource that a component has made. An object of your own is closed when "
                                + "the component\nthat owns it drops it.")
                        .build())
                .build()));
        return spec.build();
    }
}
