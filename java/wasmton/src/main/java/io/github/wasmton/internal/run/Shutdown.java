package io.github.wasmton.internal.run;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** The signal that everything is to end. It ends all waits between attempts. Any thread may use it. */
public final class Shutdown {
    private boolean begun;

    Shutdown() {
    }

    /** Ends all waits, now and from now on. Call it before an engine is closed. */
    public synchronized void begin() {
        begun = true;
        notifyAll();
    }

    /** Returns whether {@link #begin} was called. */
    public synchronized boolean hasBegun() {
        return begun;
    }

    /**
     * Waits on the calling thread.
     *
     * @param cancelled ends the wait, too; asked after each {@link #wake}
     * @return false as soon as the shutdown has begun or the wait is cancelled, else true after that time
     */
    synchronized boolean pause(Duration time, BooleanSupplier cancelled) throws InterruptedException {
        long end = System.nanoTime() + time.toNanos();
        while (!begun && !cancelled.getAsBoolean()) {
            long left = end - System.nanoTime();
            if (left <= 0) {
                return true;
            }
            TimeUnit.NANOSECONDS.timedWait(this, left);
        }
        return false;
    }

    /** Lets all waits ask again whether they are cancelled. */
    synchronized void wake() {
        notifyAll();
    }
}
