package io.github.kawamuray.wasmtime;

import java.util.Arrays;
import java.util.List;

/**
 * The type of a function: {@link io.github.wasmton.wasmtime.FuncType}.
 *
 * @param getParams  the types of its parameters
 * @param getResults the types of its results
 */
public record FuncType(Val.Type[] getParams, Val.Type[] getResults) {
    private static final Val.Type[] NONE = {};

    /** Returns the type without parameters and results. */
    public static FuncType empty() {
        return new FuncType(NONE, NONE);
    }

    /** Returns a type without parameters. */
    public static FuncType emptyParams(Val.Type... results) {
        return new FuncType(NONE, results);
    }

    /** Returns a type without results. */
    public static FuncType emptyResults(Val.Type... params) {
        return new FuncType(params, NONE);
    }

    static FuncType of(io.github.wasmton.wasmtime.FuncType delegate) {
        return new FuncType(Val.Type.of(delegate.params()), Val.Type.of(delegate.results()));
    }

    io.github.wasmton.wasmtime.FuncType delegate() {
        return new io.github.wasmton.wasmtime.FuncType(delegates(getParams), delegates(getResults));
    }

    private static List<io.github.wasmton.wasmtime.WasmValType<?>> delegates(Val.Type[] types) {
        return Arrays.stream(types).<io.github.wasmton.wasmtime.WasmValType<?>>map(type -> type.delegate).toList();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof FuncType type && Arrays.equals(getParams, type.getParams)
                && Arrays.equals(getResults, type.getResults);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(getParams) + Arrays.hashCode(getResults);
    }

    @Override
    public String toString() {
        return "FuncType(params=" + Arrays.toString(getParams) + ", results=" + Arrays.toString(getResults) + ')';
    }
}
