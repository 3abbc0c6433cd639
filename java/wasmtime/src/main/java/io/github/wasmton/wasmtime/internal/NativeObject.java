package io.github.wasmton.wasmtime.internal;

import java.lang.ref.Cleaner;
import java.util.function.LongConsumer;

/**
 * What the owned handles have in common: something native that {@link #close} lets go of, and a cleaner as the net for
 * those that are forgotten. The garbage collector does not see how heavy native objects are, so close them.
 *
 * <p>The handle is a number that is never used twice; Rust answers a closed one with an exception. So nothing needs
 * to keep an object reachable during a call, and what goes to Rust needs no guard against use after close.
 */
public abstract class NativeObject implements AutoCloseable {
    private static final Cleaner CLEANER = Cleaner.create();

    private final long handle;
    private final Cleaner.Cleanable cleanable;
    private volatile boolean closed;

    /** Takes over a native object; {@code destroy} closes it by its handle and must not refer to this object. */
    protected NativeObject(long handle, LongConsumer destroy) {
        this.handle = handle;
        cleanable = CLEANER.register(this, () -> destroy.accept(handle));
    }

    /** The handle of an object, for a native method. */
    public static long handleOf(NativeObject object) {
        return object.handle;
    }

    /**
     * For what is answered without asking Rust.
     *
     * @throws IllegalStateException if the object is closed
     */
    public static void checkOpen(NativeObject object) {
        if (object.closed) {
            throw new IllegalStateException("the " + object.getClass().getSimpleName() + " is closed");
        }
    }

    /** Runs an action when an object can be reached no more; the action must not refer to it. */
    public static void whenUnreachable(Object object, Runnable action) {
        CLEANER.register(object, action);
    }

    /**
     * Lets go of what is native. Any thread may close at any time, and more than once; what a running call still needs
     * goes when that returns. Further use throws {@link IllegalStateException}.
     */
    @Override
    public final void close() {
        closed = true;
        cleanable.clean();
    }
}
