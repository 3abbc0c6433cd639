package io.github.wasmton.internal.run;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** The signal that everything is to end. It ends all waits between attempts. Any thread may use it. */
public final class Shutdown {
    private final CountDownLatch begun = new CountDownLatch(1);

    Shutdown() {
    }

    /** Ends all waits, now and from now on. Call it before an engine is closed. */
    public void begin() {
        begun.countDown();
    }

    /** Returns whether {@link #begin} was called. */
    public boolean hasBegun() {
        return begun.getCount() == 0;
    }

    /**
     * Waits on the calling thread.
     *
     * @return false as soon as the shutdown has begun, else true after that time
     */
    boolean pause(Duration time) throws InterruptedException {
        return !begun.await(time.toNanos(), TimeUnit.NANOSECONDS);
    }
}
