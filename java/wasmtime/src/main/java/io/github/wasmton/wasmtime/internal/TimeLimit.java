package io.github.wasmton.wasmtime.internal;

/** How long this thread may be in calls of one Store. One inside of another hides nothing of it: all are looked at. */
public final class TimeLimit {
    private static final ThreadLocal<TimeLimit> INNERMOST = new ThreadLocal<>();

    private final long store;
    /** By {@link System#nanoTime}. */
    private final long end;
    private final TimeLimit outer;

    /** Limits this thread's calls of the Store of that handle, from now until {@link #close}. */
    public TimeLimit(long store, long nanos) {
        this.store = store;
        end = System.nanoTime() + nanos;
        outer = INNERMOST.get();
        INNERMOST.set(this);
    }

    /** Ends the limit, on the thread that made it. */
    public void close() {
        if (outer == null) {
            INNERMOST.remove();
        } else {
            INNERMOST.set(outer);
        }
    }

    /** Asked by Rust at each tick: 0 to go on, 1 because the time is over, 2 because the thread is interrupted. */
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
