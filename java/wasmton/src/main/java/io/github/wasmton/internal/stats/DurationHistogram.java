package io.github.wasmton.internal.stats;

import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

import io.github.wasmton.metrics.TaskStats;

/** Counts durations by their length. Any thread may add, without waiting; reading may be a little behind. */
final class DurationHistogram implements TaskStats.Durations {
    /** Bounds from 1 us, which is what a guest takes that does nothing, to 60 s, more than most deadlines. */
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

    /** Counts a duration with that weight. */
    void add(long duration, long weight) {
        int found = Arrays.binarySearch(BOUNDS, duration);
        counts[found < 0 ? -found - 1 : found].add(weight);
        nanos.add(duration * weight);
    }

    @Override
    public long[] boundsInNanos() {
        return BOUNDS.clone();
    }

    @Override
    public long[] counts() {
        return Arrays.stream(counts).mapToLong(LongAdder::sum).toArray();
    }

    @Override
    public long count() {
        return Arrays.stream(counts).mapToLong(LongAdder::sum).sum();
    }

    @Override
    public long totalNanos() {
        return nanos.sum();
    }
}
