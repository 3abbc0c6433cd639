package io.github.wasmton.testing;

import static org.junit.jupiter.api.Assertions.fail;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.function.Executable;

/**
 * A body of code on its own thread. Waiting ends with a failure that names what was waited for, once nothing has
 * happened for {@link Await#LIMIT}.
 */
public final class OnThread {
    private static final long LIMIT_SECONDS = Await.LIMIT.toSeconds();
    /** CPU time that a running thread gets within the limit, even on a busy machine. */
    private static final long LEAST_PROGRESS_NANOS = 100_000_000;
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

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

    /** Runs a body on a thread with a stack of that many bytes (0: the default). Returns what it threw, or null. */
    public static Throwable catching(long stackSize, Executable body) {
        return new OnThread("a thread of " + stackSize / 1024 + " KiB", stackSize, body).thrown();
    }

    /** Runs a body on a thread with a stack of that many bytes (0: the default). Fails if it throws. */
    public static void run(long stackSize, Executable body) {
        Throwable thrown = catching(stackSize, body);
        if (thrown != null) {
            throw new AssertionError("on a thread of " + stackSize / 1024 + " KiB: " + thrown, thrown);
        }
    }

    /** Waits for a latch. */
    public static void await(CountDownLatch latch, String what) throws InterruptedException {
        if (!latch.await(LIMIT_SECONDS, TimeUnit.SECONDS)) {
            fail("waited " + LIMIT_SECONDS + " s for: " + what);
        }
    }

    /** Waits for the end, as long as the thread uses the CPU. Returns what it threw, or null. */
    public Throwable thrown() {
        try {
            long used = 0;
            long before;
            do {
                thread.join(LIMIT_SECONDS * 1000);
                before = used;
                used = THREADS.getThreadCpuTime(thread.getId());
            } while (!end.isDone() && used - before >= LEAST_PROGRESS_NANOS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for: " + what, e);
        }
        if (!end.isDone()) {
            fail("no progress for " + LIMIT_SECONDS + " s of: " + what + ", which is at\n    "
                    + Arrays.toString(thread.getStackTrace()).replace(", ", "\n    "));
        }
        return end.join();
    }

    /** Waits for the end, and fails if the thread threw. */
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
