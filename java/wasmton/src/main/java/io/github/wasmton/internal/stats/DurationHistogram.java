package io.github.wasmton.internal.stats;

import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/** Counts durations by how long they are. Any thread may add, without waiting; reading may be a little behind. */
public final class DurationHistogram {
    /** From 1 us to 60 s: what a guest takes that does nothing, and more than most deadlines. */
    private static final long[] BOUNDS = bounds();

    private final LongAdder[] counts = new LongAdder[BOUNDS.length + 1];
    private final LongAdder nanos = new LongAdder();

    DurationHistogram() {
        Arrays.setAll(counts, i -> new LongAdder());
    }

    private static long[] bounds() {
        long[] bounds = new long[24];
        long power = TimeUnit.MICROSECONDS.toNanos(1);
        for (int i = 0; i < 23; i++) {
            bounds[i] = i % 3 == 0 ? power : i % 3 == 1 ? power * 5 / 2 : power * 5;
            if (i % 3 == 2) {
                power *= 10;
            }
        }
        bounds[23] = TimeUnit.SECONDS.toNanos(60);
        return bounds;
    }

    /** Counts one that stands for so many of its kind. */
    void add(long duration, long times) {
        int found = Arrays.binarySearch(BOUNDS, duration);
        counts[found < 0 ? -found - 1 : found].add(times);
        nanos.add(duration * times);
    }

    /** Up to how many nanoseconds each of {@link #counts} goes, but for the last, which has no end. A copy. */
    public static long[] boundsInNanos() {
        return BOUNDS.clone();
    }

    /** How many there were between the bounds. A copy. */
    public long[] counts() {
        return Arrays.stream(counts).mapToLong(LongAdder::sum).toArray();
    }

    /** How many there were. */
    public long count() {
        return Arrays.stream(counts).mapToLong(LongAdder::sum).sum();
    }

    /** All together, in nanoseconds. */
    public long totalNanos() {
        return nanos.sum();
    }

    /** The mean, in nanoseconds; 0 before any. */
    public long meanNanos() {
        long count = count();
        return count == 0 ? 0 : totalNanos() / count;
    }
}
