package io.github.wasmton.testing;

import static org.junit.jupiter.api.Assertions.fail;

import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.function.Executable;

/** Runs something on a thread of its own. Waits end after a minute with a failure that says what they were for. */
public final class OnThread {
    private static final int LIMIT_SECONDS = 60;

    private final String what;
    private final Thread thread;
    private final CompletableFuture<Throwable> end = new CompletableFuture<>();

    private OnThread(String what, long stackSize, Executable body) {
        this.what = what;
        thread = new Thread(null, () -> end.complete(thrownBy(body)), what, stackSize);
        thread.setDaemon(true);
        thread.start();
    }

    /** Starts a thread; {@code what} names it in failures. */
    public static OnThread start(String what, Executable body) {
        return new OnThread(what, 0, body);
    }

    /** Runs it on a thread with a stack of that many bytes (0: the default) and returns what it threw, or null. */
    public static Throwable catching(long stackSize, Executable body) {
        return new OnThread("a thread of " + stackSize / 1024 + " KiB", stackSize, body).thrown();
    }

    /** Runs it on a thread with a stack of that many bytes (0: the default) and fails if it throws. */
    public static void run(long stackSize, Executable body) {
        Throwable thrown = catching(stackSize, body);
        if (thrown != null) {
            throw new AssertionError("on a thread of " + stackSize / 1024 + " KiB: " + thrown, thrown);
        }
    }

    /** Waits for the latch. */
    public static void await(CountDownLatch latch, String what) throws InterruptedException {
        if (!latch.await(LIMIT_SECONDS, TimeUnit.SECONDS)) {
            fail("waited " + LIMIT_SECONDS + " s for: " + what);
        }
    }

    /** Waits for the end and returns what was thrown, or null. */
    public Throwable thrown() {
        try {
            thread.join(LIMIT_SECONDS * 1000L);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for: " + what, e);
        }
        if (!end.isDone()) {
            fail("waited " + LIMIT_SECONDS + " s for the end of: " + what + ", which is at\n    "
                    + Arrays.toString(thread.getStackTrace()).replace(", ", "\n    "));
        }
        return end.join();
    }

    /** Waits for the end and fails if something was thrown. */
    public void join() {
        Throwable thrown = thrown();
        if (thrown != null) {
            throw new AssertionError(what + ": " + thrown, thrown);
        }
    }

    private static Throwable thrownBy(Executable body) {
        try {
            body.execute();
            return null;
        } catch (Throwable e) {
            return e;
        }
    }
}
