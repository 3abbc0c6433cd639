package io.github.wasmton.wasmtime;

import io.github.wasmton.wasmtime.internal.NativeLibrary;
import io.github.wasmton.wasmtime.internal.NativeObject;

/**
 * A module whose imports are found and checked already, ready to be instantiated again and again in the Store of the
 * Linker that it came from. What that Linker defines later makes no difference. Close it when done; its instances stay.
 */
public final class InstancePre extends NativeObject {
    static {
        NativeLibrary.register(InstancePre.class);
    }

    private final Store store;

    InstancePre(Store store, long handle) {
        super(handle, InstancePre::destroy);
        this.store = store;
    }

    /**
     * Makes an instance and runs its start function; {@code _initialize} does not run.
     *
     * @throws TrapException         if the start function traps
     * @throws IllegalStateException if this or the Store is closed, or another thread is using the Store
     */
    public Instance instantiate() {
        return new Instance(store, instantiate(handleOf(this), handleOf(store)));
    }

    private static native int instantiate(long instancePre, long store);

    private static native void destroy(long instancePre);
}
