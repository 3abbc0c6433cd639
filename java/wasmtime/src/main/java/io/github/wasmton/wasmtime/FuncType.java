package io.github.wasmton.wasmtime;

import java.util.ArrayList;
import java.util.List;
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

    /** Parses the letters that Rust writes: the parameters, a colon, the results. */
    static FuncType parse(String letters) {
        int colon = letters.indexOf(':');
        return new FuncType(types(letters.substring(0, colon)), types(letters.substring(colon + 1)));
    }

    private static List<WasmValType<?>> types(String letters) {
        List<WasmValType<?>> types = new ArrayList<>();
        letters.chars().forEach(letter -> types.add(WasmValType.of(letter)));
        return types;
    }

    /** Returns the letters that {@link #parse} reads. */
    String letters() {
        StringBuilder letters = new StringBuilder();
        params.forEach(type -> letters.append(type.letter));
        letters.append(':');
        results.forEach(type -> letters.append(type.letter));
        return letters.toString();
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
