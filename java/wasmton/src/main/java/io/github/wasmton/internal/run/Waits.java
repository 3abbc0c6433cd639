package io.github.wasmton.internal.run;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;

/** The waits of one runner: before the next attempt at a task, and for Kafka. */
final class Waits {
    /** Time that Kafka still has to acknowledge when everything is to end. */
    private static final long LAST_WAIT_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final int LOOK_MILLIS = 50;

    private final Shutdown shutdown;
    private final BooleanSupplier closed;
    private volatile boolean pausing;
    private volatile boolean pauseEnded;

    /**
     * Creates the waits of a runner.
     *
     * @param closed whether the runner is closed, which ends a pause once {@link Shutdown#wake} was called
     */
    Waits(Shutdown shutdown, BooleanSupplier closed) {
        this.shutdown = shutdown;
        this.closed = closed;
    }

    /** Waits for the next attempt. Returns false if there is to be none. */
    boolean pause(Duration time) throws InterruptedException {
        pauseEnded = false;
        pausing = true;
        try {
            return shutdown.pause(time, () -> closed.getAsBoolean() || pauseEnded);
        } finally {
            pausing = false;
        }
    }

    /** Ends the pause that is going on, if there is one. Any thread. */
    void endPause() {
        if (pausing) {
            pauseEnded = true;
            shutdown.wake();
        }
    }

    /** Returns whether a pause is going on. Any thread. */
    boolean isPausing() {
        return pausing;
    }

    /** Waits for Kafka's acknowledgement; {@code null} if it did not come before everything is to end. */
    <T> T await(CompletableFuture<T> acknowledged) {
        long end = Long.MAX_VALUE;
        while (true) {
            try {
                return acknowledged.get(LOOK_MILLIS, TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                if (end == Long.MAX_VALUE) {
                    if (shutdown.hasBegun()) {
                        end = System.nanoTime() + LAST_WAIT_NANOS;
                    }
                } else if (System.nanoTime() - end > 0) {
                    return null;
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return null;
            } catch (ExecutionException e) {
                throw new IllegalStateException("what waits for Kafka failed", e.getCause());
            }
        }
    }
}
