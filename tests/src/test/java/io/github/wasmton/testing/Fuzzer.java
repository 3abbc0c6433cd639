package io.github.wasmton.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Random operations of an API on shared objects, by several threads.
 *
 * @param <P> what operations use; any thread may close it at any time
 */
public abstract class Fuzzer<P extends Fuzzer.Place> implements AutoCloseable {
    /** A Store with its contents. */
    public interface Place {
        /** Closes all of it. */
        void close();
    }

    private static final int THREADS = 4;
    private static final int PLACES = 6;

    private final AtomicReferenceArray<P> places = new AtomicReferenceArray<>(PLACES);
    private final AtomicLong operations = new AtomicLong();

    /** Makes a Store with its contents. */
    protected abstract P place(Random random);

    /** Runs a random operation. */
    protected abstract void use(P place, Random random);

    /** Returns whether an operation may throw this, as documented. */
    protected abstract boolean isExpected(RuntimeException thrown);

    /** Returns a random place that others use too; null if there is none at the moment. */
    protected final P other(Random random) {
        return places.get(random.nextInt(PLACES));
    }

    /** Runs a random operation and counts it. Operations may run others inside. */
    protected final void operate(P place, Random random) {
        operations.incrementAndGet();
        if (place == null) {
            return;
        }
        if (random.nextInt(44) == 0) {
            replace(random.nextInt(PLACES), random, random.nextInt(6) < 4);
        } else {
            use(place, random);
        }
    }

    private void replace(int index, Random random, boolean again) {
        P old = places.getAndSet(index, again ? place(new Random(random.nextLong())) : null);
        if (old != null) {
            old.close();  // References of its host functions would keep it reachable forever.
        }
        if (random.nextInt(200) == 0) {
            System.gc();
        }
    }

    private void run(long seed, long end) {
        Random random = new Random(seed);
        while (System.nanoTime() < end) {
            try {
                int index = random.nextInt(PLACES);
                if (places.get(index) == null) {
                    replace(index, random, true);
                }
                operate(places.get(index), random);
            } catch (RuntimeException e) {
                if (!isExpected(e)) {
                    throw e;
                }
            }
        }
    }

    /**
     * Runs random operations on all threads for that many seconds, and closes all places. The seed determines the
     * operations.
     */
    public final void storm(long seed, int seconds) {
        long end = System.nanoTime() + Duration.ofSeconds(seconds).toNanos();
        List<OnThread> threads = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            long own = seed + i;
            threads.add(OnThread.start("thread " + i + " of seed " + seed, () -> run(own, end)));
        }
        threads.forEach(OnThread::join);
        for (int i = 0; i < PLACES; i++) {
            P left = places.getAndSet(i, null);
            if (left != null) {
                left.close();
            }
        }
        System.gc();
    }

    /** Returns the number of operations so far. */
    public final long operations() {
        return operations.get();
    }

    /** Returns the resident memory of the process, without files. */
    public static long residentBytes() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith("RssAnon:")) {
                return Long.parseLong(line.replaceAll("\\D", "")) << 10;
            }
        }
        return 0;
    }

    @Override
    public abstract void close();
}
