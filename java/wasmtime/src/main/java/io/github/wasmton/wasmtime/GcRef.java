package io.github.wasmton.wasmtime;

import java.lang.ref.Reference;

import io.github.wasmton.wasmtime.internal.NativeLibrary;
import io.github.wasmton.wasmtime.internal.NativeObject;

/**
 * A reference to a struct or an array of wasm's garbage collector. It belongs to its {@link Store} and is used by the
 * thread that uses the Store.
 *
 * <p>Wasm's collector keeps the struct or array, and everything that it refers to, while this object is open: until
 * {@link #close}, or until the Java object is unreachable and Java's collector has noticed. Java's collector does not
 * see how much memory of wasm depends on it. So close references that you make or read in a loop. Closing one affects
 * neither wasm nor other Java objects for the same struct.
 *
 * <p>Java gets a new object each time that a reference crosses. Equality is that of Java objects; {@link #refEq}
 * compares what they refer to.
 */
public abstract sealed class GcRef extends NativeObject implements EqRef permits StructRef, ArrayRef {
    static {
        NativeLibrary.register(GcRef.class);
    }

    final Store store;

    GcRef(Store store, long handle) {
        super(handle, GcRef::destroy);
        this.store = store;
    }

    /**
     * Returns whether both refer to the same struct or array, as {@code ref.eq} does.
     *
     * @throws IllegalArgumentException if the other belongs to another Store
     * @throws IllegalStateException    if one of them or the Store is closed, or another thread is using the Store
     */
    public boolean refEq(GcRef other) {
        store.checkOwns(other.store, "reference");
        try {
            return refEq(handleOf(store), handleOf(this), handleOf(other));
        } finally {
            Reference.reachabilityFence(this);
            Reference.reachabilityFence(other);
        }
    }

    private static native boolean refEq(long store, long one, long other);

    private static native void destroy(long reference);
}
