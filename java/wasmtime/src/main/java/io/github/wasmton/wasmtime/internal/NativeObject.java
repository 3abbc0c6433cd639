package io.github.wasmton.wasmtime.internal;

import java.lang.ref.Cleaner;
import java.util.function.LongConsumer;

/**
 * The base of owned handles: a native object that {@link #close} releases, with a cleaner for forgotten ones. The
 * garbage collector does not see how heavy native objects are, so close them.
 *
 * <p>A handle is a number that is never used twice; Rust answers a closed one with an exception. So a call need not
 * keep its object reachable, and needs no guard against use after close.
 */
public abstract class NativeObject implements AutoCloseable {
    private static final Cleaner CLEANER = Cleaner.create();

    private final long handle;
    private final Cleaner.Cleanable cleanable;
    private volatile boolean closed;

    /**
     * Takes ownership of a native object. {@code destroy} closes it by its handle and must not refer to this object.
     */
    protected NativeObject(long handle, LongConsumer destroy) {
        this.handle = handle;
        cleanable = CLEANER.register(this, () -> destroy.accept(handle));
    }

    /** Returns the handle of an object, for a native method. */
    public static long handleOf(NativeObject object) {
        return object.handle;
    }

    /**
     * Checks that an object is open, for methods that do not call Rust.
     *
     * @throws IllegalStateException if the object is closed
     */
    public static void checkOpen(NativeObject object) {
        if (object.closed) {
            throw new IllegalStateException("the " + object.getClass().getSimpleName() + " is closed");
        }
    }

    /** Runs an action once an object is unreachable. The action must not refer to the object. */
    public static void whenUnreachable(Object object, Runnable action) {
        CLEANER.register(object, action);
    }

    /**
     * Waits for the cleaner. Rust calls this while there is no room for a native object, with numbers that go up from
     * 0: the first call collects garbage, and each further one waits twice as long.
     */
    static void awaitCollected(int waited) {
        if (waited == 0) {
            System.gc();
        }
        boolean interrupted = Thread.interrupted();
        try {
            Thread.sleep(1L << waited);
        } catch (InterruptedException e) {
            interrupted = true;
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Releases the native object. Any thread may close at any time, and more than once; resources that a running call
     * needs are released after the call. Further use throws {@link IllegalStateException}.
     */
    @Override
    public final void close() {
        closed = true;
        cleanable.clean();
    }
}
