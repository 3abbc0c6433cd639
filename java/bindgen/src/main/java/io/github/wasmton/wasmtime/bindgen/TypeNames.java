package io.github.wasmton.wasmtime.bindgen;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;

import com.fasterxml.jackson.databind.JsonNode;
import com.palantir.javapoet.ArrayTypeName;
import com.palantir.javapoet.ClassName;
import com.palantir.javapoet.ParameterizedTypeName;
import com.palantir.javapoet.TypeName;

import io.github.wasmton.wasmtime.component.ComponentResult;
import io.github.wasmton.wasmtime.component.ComponentStream;

/** Java types for WIT types, as the package {@code component} matches them. */
final class TypeNames {
    /** Kinds of types that have a class of their own. */
    private static final Set<String> WITH_CLASS = Set.of("record", "variant", "enum", "flags");

    private final WitDocument document;
    private final Homes homes;
    /** Sizes of the tuples that occur. */
    final TreeSet<Integer> tuples = new TreeSet<>();

    TypeNames(WitDocument document, Homes homes) {
        this.document = document;
        this.homes = homes;
    }

    /**
     * Returns the type of a value.
     *
     * @throws UnsupportedWitException if Java has none; {@code where} is named
     */
    TypeName of(JsonNode type, String where) {
        JsonNode resolved = document.resolve(type);
        if (!resolved.isInt()) {
            return primitive(resolved.asText(), where);
        }
        JsonNode kind = document.kind(resolved);
        if (kind.isTextual()) {
            // A resource: only handles refer to it.
            return homes.classOf(resolved.asInt());
        }
        String sort = kind.fieldNames().next();
        JsonNode part = kind.get(sort);
        return switch (sort) {
            case "record", "variant", "enum" -> homes.classOf(resolved.asInt());
            case "flags" -> ParameterizedTypeName.get(ClassName.get(Set.class), homes.classOf(resolved.asInt()));
            case "handle" -> homes.classOf(document.resolve(part.elements().next()).asInt());
            case "list" -> list(part, where);
            case "option" -> ParameterizedTypeName.get(ClassName.get(Optional.class), of(part, where).box());
            case "tuple" -> tuple(part.get("types"), where);
            case "result" -> ParameterizedTypeName.get(ClassName.get(ComponentResult.class),
                    orVoid(part.get("ok"), where), orVoid(part.get("err"), where));
            case "future" -> future(part, where);
            case "stream" -> stream(part, where);
            default -> throw unsupported(where, sort);
        };
    }

    private TypeName future(JsonNode value, String where) {
        if (value.isNull()) {
            throw unsupported(where, "future without a value");
        }
        return ParameterizedTypeName.get(ClassName.get(CompletableFuture.class), of(value, where).box());
    }

    private TypeName stream(JsonNode element, String where) {
        if (element.isNull() || !document.resolve(element).asText().equals("u8")) {
            throw unsupported(where, "stream of other elements than u8");
        }
        return ClassName.get(ComponentStream.class);
    }

    private static TypeName primitive(String name, String where) {
        return switch (name) {
            case "bool" -> TypeName.BOOLEAN;
            case "s8" -> TypeName.BYTE;
            case "u8", "s16" -> TypeName.SHORT;
            case "u16", "s32", "char" -> TypeName.INT;
            case "u32", "s64", "u64" -> TypeName.LONG;
            case "f32" -> TypeName.FLOAT;
            case "f64" -> TypeName.DOUBLE;
            case "string" -> ClassName.get(String.class);
            default -> throw unsupported(where, name);
        };
    }

    private TypeName list(JsonNode element, String where) {
        String name = document.resolve(element).asText();
        return name.equals("u8") || name.equals("s8") ? ArrayTypeName.of(TypeName.BYTE)
                : ParameterizedTypeName.get(ClassName.get(List.class), of(element, where).box());
    }

    private TypeName tuple(JsonNode types, String where) {
        List<TypeName> parts = new ArrayList<>();
        types.forEach(part -> parts.add(of(part, where).box()));
        tuples.add(parts.size());
        return ParameterizedTypeName.get(tuple(parts.size()), parts.toArray(TypeName[]::new));
    }

    /** Returns the record for tuples with this number of parts. */
    ClassName tuple(int parts) {
        return ClassName.get(homes.commonPackage(), "Tuple" + parts);
    }

    private TypeName orVoid(JsonNode type, String where) {
        return type.isNull() ? ClassName.get(Void.class) : of(type, where).box();
    }

    private static UnsupportedWitException unsupported(String where, String sort) {
        return new UnsupportedWitException(where + " has a type with " + sort
                + ". Java has no values of it; leave it out of the world");
    }

    /** Returns the type of a function's result, or of its value if it can fail; void for none. */
    TypeName ofResult(JsonNode function, String where) {
        JsonNode result = function.path("result");
        JsonNode canFail = result.isMissingNode() ? null : document.part(result, "result");
        JsonNode value = canFail == null ? result : canFail.get("ok");
        return value.isMissingNode() || value.isNull() ? TypeName.VOID : of(value, where);
    }

    /** Returns the type of an async function's method. */
    TypeName ofAsyncResult(JsonNode function, String where) {
        TypeName result = ofResult(function, where);
        return ParameterizedTypeName.get(ClassName.get(CompletableFuture.class),
                result.equals(TypeName.VOID) ? ClassName.get(Void.class) : result.box());
    }

    /** Returns the type of a function's error; null if it cannot fail, or its error has no value. */
    JsonNode errorOf(JsonNode function) {
        JsonNode result = function.path("result");
        JsonNode canFail = result.isMissingNode() ? null : document.part(result, "result");
        return canFail == null || canFail.get("err").isNull() ? null : document.resolve(canFail.get("err"));
    }

    boolean canFail(JsonNode function) {
        return function.has("result") && document.part(function.get("result"), "result") != null;
    }

    /** Returns whether a type has a class of its own. Then its exception is named after it. */
    boolean hasClass(JsonNode resolved) {
        return resolved.isInt() && document.kind(resolved).isObject()
                && WITH_CLASS.contains(document.kind(resolved).fieldNames().next());
    }
}
