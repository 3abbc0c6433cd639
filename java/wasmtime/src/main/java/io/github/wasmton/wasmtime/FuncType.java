package io.github.wasmton.wasmtime;

import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The type of a function.
 *
 * @param params  the types of its parameters
 * @param results the types of its results
 */
public record FuncType(List<WasmValType<?>> params, List<WasmValType<?>> results) implements ExternType {
    /** Copies the lists. */
    public FuncType {
        params = List.copyOf(params);
        results = List.copyOf(results);
    }

    @Override
    public Extern.Kind kind() {
        return Extern.Kind.FUNC;
    }

    /** Returns the type as wasmtime writes it: {@code (i32 i64) -> (i32)}. */
    @Override
    public String toString() {
        return text(params) + " -> " + text(results);
    }

    private static String text(List<WasmValType<?>> types) {
        return types.stream().map(Object::toString).collect(Collectors.joining(" ", "(", ")"));
    }

    /** Parses the description that Rust writes: the parameters, a colon, the results. */
    static FuncType parse(String description) {
        int colon = description.indexOf(':');
        return new FuncType(TypeReader.readAll(description.substring(0, colon)),
                TypeReader.readAll(description.substring(colon + 1)));
    }

    /** Returns the description that {@link #parse} reads. This object has to stay reachable while Rust reads it. */
    String description() {
        return describe(WasmValType::description);
    }

    /** Returns the types, with exact reference types as the general ones. */
    String letters() {
        return describe(type -> String.valueOf(type.letter));
    }

    private String describe(Function<WasmValType<?>, String> describe) {
        StringBuilder text = new StringBuilder();
        params.forEach(type -> text.append(describe.apply(type)));
        text.append(':');
        results.forEach(type -> text.append(describe.apply(type)));
        return text.toString();
    }

    /** Returns whether up to four values cross as longs, without an array: {@code Shape::Plain} in Rust. */
    boolean isPlain() {
        return isNumbers() && params.size() <= 4 && results.size() <= 1;
    }

    /** Returns whether up to sixteen values cross as longs, without an array: {@code Shape::Many} in Rust. */
    boolean isMany() {
        return isNumbers() && params.size() <= 16 && results.size() <= 1;
    }

    private boolean isNumbers() {
        return params.stream().allMatch(WasmValType::isNumber) && results.stream().allMatch(WasmValType::isNumber);
    }
}
