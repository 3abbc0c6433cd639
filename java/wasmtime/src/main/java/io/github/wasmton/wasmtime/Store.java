package io.github.wasmton.wasmtime;

import io.github.wasmton.wasmtime.internal.NativeLibrary;
import io.github.wasmton.wasmtime.internal.NativeObject;

/**
 * What instances live in, with their functions and memories. One thread at a time uses a Store and what belongs to it:
 * a second one gets an {@link IllegalStateException} at once. A host function that wasm calls may use the Store it was
 * called from. Close it when done; all that lives in it goes with it.
 */
public final class Store extends NativeObject {
    static {
        NativeLibrary.register(Store.class);
    }

    /** A Store of the engine with the default settings, which all such Stores share. */
    public Store() {
        super(create(0), Store::destroy);
    }

    /** A Store of that engine. */
    public Store(Engine engine) {
        super(create(handleOf(engine)), Store::destroy);
    }

    /** This Store's engine, as a handle of its own: closing it leaves the Store alone. */
    public Engine engine() {
        return new Engine(engine(handleOf(this)));
    }

    void checkOwns(Store owner, String what) {
        if (owner != this) {
            throw new IllegalArgumentException("the " + what + " belongs to another Store");
        }
    }

    private static native long create(long engine);

    private static native long engine(long store);

    /** Takes back one pin of {@link Memory#buffer}. */
    static native void unpin(long store);

    private static native void destroy(long store);
}
