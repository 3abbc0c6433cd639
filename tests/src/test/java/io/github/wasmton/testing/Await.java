package io.github.wasmton.testing;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Waiting in tests, always with a limit and a description. */
public final class Await {
    /** A limit far above any need: events end a test, not the clock. */
    public static final Duration LIMIT = Duration.ofSeconds(60);

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
    public static <T> T result(String what, CompletableFuture<T> future) throws Exception {
        try {
            return future.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new AssertionError("waited " + LIMIT.toSeconds() + " s for " + what, e);
        }
    }
}
