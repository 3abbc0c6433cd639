package io.github.wasmton.testing;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Waiting in tests, always with a limit and a description. */
public final class Await {
    /** A limit that a machine at load 30 keeps: events end a test, not the clock. */
    public static final Duration LIMIT = Duration.ofMinutes(5);

    private Await() {
    }

    /** Waits until the condition holds. */
    public static void until(String what, Callable<Boolean> condition) throws Exception {
        long end = System.nanoTime() + LIMIT.toNanos();
        while (!condition.call()) {
            if (System.nanoTime() > end) {
                throw new AssertionError("waited " + LIMIT.toSeconds() + " s for " + what);
            }
            Thread.sleep(10);
        }
    }

    /** Waits for a result. */
    public static <T> T result(String what, Future<T> future) throws Exception {
        try {
            return future.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new AssertionError("waited " + LIMIT.toSeconds() + " s for " + what, e);
        }
    }
}
