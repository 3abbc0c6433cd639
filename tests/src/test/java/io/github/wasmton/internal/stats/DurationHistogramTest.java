package io.github.wasmton.internal.stats;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;

import org.junit.jupiter.api.Test;

class DurationHistogramTest {
    private final DurationHistogram durations = new DurationHistogram();

    @Test
    void boundsGrowFromAMicrosecondToAMinute() {
        long[] bounds = durations.boundsInNanos();
        assertArrayEquals(new long[] {1_000, 2_500, 5_000, 10_000, 25_000}, Arrays.copyOf(bounds, 5));
        assertEquals(60_000_000_000L, bounds[bounds.length - 1]);
        for (int i = 1; i < bounds.length; i++) {
            assertTrue(bounds[i] > bounds[i - 1], Arrays.toString(bounds));
        }
    }

    @Test
    void boundsIncludeTheirOwnValue() {
        durations.add(0, 1);
        durations.add(1_000, 1);
        durations.add(1_001, 3);
        durations.add(60_000_000_001L, 1);
        long[] counts = durations.counts();
        assertEquals(durations.boundsInNanos().length + 1, counts.length);
        assertEquals(2, counts[0]);
        assertEquals(3, counts[1]);
        assertEquals(1, counts[counts.length - 1]);
        assertEquals(6, durations.count());
        assertEquals(60_000_000_001L + 1_000 + 3 * 1_001, durations.totalNanos());
        assertEquals(durations.totalNanos() / 6, durations.meanNanos());
    }
}
