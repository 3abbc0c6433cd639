package io.github.wasmton.wasmtime.internal;

/** A limit for this thread's calls of one Store. Limits nest, and all of them apply. */
public final class TimeLimit {
    private static final ThreadLocal<TimeLimit> INNERMOST = new ThreadLocal<>();

    private final long store;
    /** The end, as a value of {@link System#nanoTime}. */
    private final long end;
    private final TimeLimit outer;

    /** Limits this thread's calls of the Store with that handle, from now until {@link #close}. */
    public TimeLimit(long store, long nanos) {
        this.store = store;
        end = System.nanoTime() + nanos;
        outer = INNERMOST.get();
        INNERMOST.set(this);
    }

    /** Ends the limit. Only for the thread that created it. */
    public void close() {
        if (outer == null) {
            INNERMOST.remove();
        } else {
            INNERMOST.set(outer);
        }
    }

    /** Returns the time that this thread's calls of a Store have left, in nanoseconds; -1 for no limit. */
    public static long left(long store) {
        long now = System.nanoTime();
        long left = -1;
        for (TimeLimit limit = INNERMOST.get(); limit != null; limit = limit.outer) {
            if (limit.store == store) {
                long nanos = Math.max(limit.end - now, 0);
                left = left < 0 ? nanos : Math.min(left, nanos);
            }
        }
        return left;
    }

    /** Called by Rust at each tick. Returns 0 to continue, 1 after the time limit, 2 if the thread is interrupted. */
    static int mustEnd(long store, boolean interruptible) {
        long now = System.nanoTime();
        for (TimeLimit limit = INNERMOST.get(); limit != null; limit = limit.outer) {
            if (limit.store == store && now - limit.end >= 0) {
                return 1;
            }
        }
        return interruptible && Thread.currentThread().isInterrupted() ? 2 : 0;
    }
}
