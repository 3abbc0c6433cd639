package io.github.wasmton.wasmtime;

import java.lang.ref.Reference;
import java.util.Objects;

import io.github.wasmton.wasmtime.internal.HostArrayFunction;
import io.github.wasmton.wasmtime.internal.HostFunction;
import io.github.wasmton.wasmtime.internal.HostManyFunction;
import io.github.wasmton.wasmtime.internal.NativeLibrary;

/**
 * A wasm function, or a Java function that wasm can call. It belongs to its {@link Store} and lives as long as that
 * Store. Create host functions once, not once per call: each takes some memory until its Store is closed. Two Funcs are
 * equal if they stand for the same function. {@link HostFunc} is a Java function for many Stores.
 *
 * <p>{@link #call} and the constructor are for functions of any type. {@link WasmFunctions} is for functions whose type
 * is known, and passes numbers without boxing.
 */
public final class Func implements AutoCloseable {
    /** A Java function of any type. */
    @FunctionalInterface
    public interface Callback {
        /**
         * Runs the function. Wasm calls it on the thread that entered wasm. An exception that it throws comes out of
         * the call that entered wasm, as the same object.
         *
         * @param caller the calling instance; valid until this method returns
         * @param args   the arguments, of the classes given by {@link WasmValType}
         * @return the results, in the number and of the types of the function; null if it has none
         */
        Object[] call(Caller caller, Object[] args);
    }

    static {
        NativeLibrary.register(Func.class);
    }

    final Store store;
    final int index;
    /** The type, once {@link #call} has looked it up; it does not change. */
    private volatile FuncType known;

    Func(Store store, int index) {
        this.store = store;
        this.index = index;
    }

    /**
     * Creates a function that wasm can call in that Store.
     *
     * @throws IllegalArgumentException if a type is {@link WasmValType#OTHER_REF}
     */
    public Func(Store store, FuncType type, Callback callback) {
        this(store, wrapAny(Store.handleOf(store), type.description(), host(store, type, callback)));
        known = type;
    }

    private static HostArrayFunction host(Store store, FuncType type, Callback callback) {
        Objects.requireNonNull(callback, "callback");
        return (numbers, objects) -> call(store, type, callback, numbers, objects);
    }

    /** Calls a host function with arguments from these arrays, and writes its results there. */
    static void call(Store store, FuncType type, Callback callback, long[] numbers, Object[] objects) {
        Values values = new Values(store, numbers, objects);
        Object[] args = values.get(type.params());
        try (Caller caller = new Caller(store)) {
            values.put(type.results(), callback.call(caller, args), "result");
        }
    }

    /** Creates a function of numbers, with at most four parameters and one result. */
    static Func plain(Store store, FuncType type, HostFunction function) {
        return new Func(store, wrap(Store.handleOf(store), type.description(), function));
    }

    /** Creates a function of numbers, with at most sixteen parameters and one result. */
    static Func many(Store store, FuncType type, HostManyFunction function) {
        return new Func(store, wrapMany(Store.handleOf(store), type.description(), function));
    }

    /**
     * Returns the function's type.
     *
     * @throws IllegalStateException if the Store is closed or another thread is using it
     */
    public FuncType type() {
        return (FuncType) Extern.type(store, index);
    }

    /**
     * Calls a function of any type.
     *
     * @param args the arguments, of the classes given by {@link WasmValType}
     * @return the results; empty if the function has none
     * @throws IllegalArgumentException if the arguments do not match the function's type
     * @throws TrapException            if wasm traps
     * @throws ExitException            if the guest exits
     * @throws IllegalStateException    if the Store is closed or another thread is using it
     * @throws StackOverflowError       if this thread has too little stack left to enter wasm
     */
    public Object[] call(Object... args) {
        Objects.requireNonNull(args, "args");
        FuncType type = known;
        if (type == null) {
            type = type();
            known = type;
        }
        Values values = new Values(store, Math.max(type.params().size(), type.results().size()));
        values.put(type.params(), args, "argument");
        try {
            callAny(Store.handleOf(store), index, values.numbers, values.objects);
        } finally {
            Reference.reachabilityFence(store);
        }
        return values.get(type.results());
    }

    /** Calls a function for which {@link FuncType#isPlain} holds. Unused parameters are 0. */
    long callPlain(long a, long b, long c, long d) {
        try {
            return callPlain(Store.handleOf(store), index, a, b, c, d);
        } finally {
            Reference.reachabilityFence(store);
        }
    }

    /** Calls a function for which {@link FuncType#isMany} holds. Unused parameters are 0. */
    long callMany(long a, long b, long c, long d, long e, long f, long g, long h, long i, long j, long k, long l,
            long m, long n, long o, long p) {
        try {
            return callMany(Store.handleOf(store), index, a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p);
        } finally {
            Reference.reachabilityFence(store);
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Func func && func.store == store && func.index == index;
    }

    @Override
    public int hashCode() {
        return index;
    }

    /** Does nothing: a function has no resources of its own and ends with its Store. */
    @Override
    public void close() {}

    private static native int wrap(long store, String type, HostFunction function);

    private static native int wrapMany(long store, String type, HostManyFunction function);

    private static native int wrapAny(long store, String type, HostArrayFunction function);

    private static native long callPlain(long store, int func, long a, long b, long c, long d);

    private static native long callMany(long store, int func, long a, long b, long c, long d, long e, long f, long g,
            long h, long i, long j, long k, long l, long m, long n, long o, long p);

    private static native void callAny(long store, int func, long[] numbers, Object[] objects);
}
