package io.github.wasmton.wasmtime;

import io.github.wasmton.wasmtime.internal.HostFunction;
import io.github.wasmton.wasmtime.internal.NativeLibrary;

/**
 * A wasm function, or a Java function that wasm can call. It belongs to its {@link Store} and lives as long as that.
 * {@link WasmFunctions} calls it and makes it.
 */
public final class Func implements AutoCloseable {
    static {
        NativeLibrary.register(Func.class);
    }

    final Store store;
    final int index;

    Func(Store store, int index) {
        this.store = store;
        this.index = index;
    }

    static Func wrap(Store store, String type, HostFunction function) {
        return new Func(store, (int) wrap(Store.handleOf(store), type, function));
    }

    /** The letters of the parameter types, a colon, the letters of the result types. */
    String type() {
        return describe(Store.handleOf(store), index);
    }

    long call(long a, long b, long c, long d) {
        return call(Store.handleOf(store), index, a, b, c, d);
    }

    /** Does nothing: a function holds nothing of its own and goes with its Store. */
    @Override
    public void close() {}

    private static native long wrap(long store, String type, HostFunction function);

    private static native String describe(long store, int func);

    private static native long call(long store, int func, long a, long b, long c, long d);
}
