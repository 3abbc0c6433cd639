package io.github.wasmton.wasmtime;

import java.lang.ref.Reference;

import io.github.wasmton.wasmtime.internal.NativeLibrary;
import io.github.wasmton.wasmtime.internal.NativeObject;

/**
 * A module whose imports have been resolved and checked, ready to be instantiated repeatedly: in the Store of its
 * Linker, and, if it imports nothing that belongs to that Store, in any other Store of the engine. Later definitions in
 * that Linker do not affect it. Close it when done; its instances stay.
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
     * Creates an instance and runs its start function, but not {@code _initialize}.
     *
     * @throws TrapException         if the start function traps
     * @throws IllegalStateException if this or the Store is closed, or another thread is using the Store
     */
    public Instance instantiate() {
        return instantiate(store);
    }

    /**
     * Creates an instance in another Store of the same engine and runs its start function, but not {@code _initialize}.
     * So a module is linked once for many Stores, also of several threads at a time. All its imports must be
     * {@link HostFunc}s, functions of WASI, which take the context of that Store, or imports that the Linker defined as
     * traps.
     *
     * @throws IllegalArgumentException if an import belongs to the Linker's Store
     * @throws WasmtimeException        if the Store is of another Engine
     */
    public Instance instantiate(Store other) {
        try {
            return new Instance(other, instantiate(handleOf(this), handleOf(other)));
        } finally {
            Reference.reachabilityFence(other);
        }
    }

    private static native int instantiate(long instancePre, long store);

    private static native void destroy(long instancePre);
}
