package io.github.wasmton.wasmtime;

import java.util.Optional;

import io.github.wasmton.wasmtime.internal.NativeLibrary;

/**
 * The instance that called a host function. A Caller is valid during that call and on its thread. Afterwards, on other
 * threads, and in host functions called by nested calls, its methods throw {@link IllegalStateException}.
 */
public final class Caller implements AutoCloseable {
    static {
        NativeLibrary.register(Caller.class);
    }

    private final Store store;
    /** The handle of the call; 0 once the call is over. */
    private volatile long call = current();

    Caller(Store store) {
        this.store = store;
    }

    /**
     * Returns the Store that the function was called in.
     *
     * @throws IllegalStateException if the call is over
     */
    public Store store() {
        check(call);
        return store;
    }

    /**
     * Returns an export of the calling instance by its name. Empty if the instance has no such export, or if Java or
     * the start of an instance called the function.
     *
     * @throws IllegalStateException if the call is over
     */
    public Optional<Extern> getExport(String name) {
        long export = export(call, name);
        return export < 0 ? Optional.empty() : Optional.of(Extern.of(store, export));
    }

    /** Ends the use of this Caller, as the end of its call does. */
    @Override
    public void close() {
        call = 0;
    }

    /** Returns the Store of the host call that this thread is in. */
    static native Store callingStore();

    private static native long current();

    private static native void check(long caller);

    private static native long export(long caller, String name);
}
