package io.github.wasmton.wasmtime.wasi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.time.Duration;
import java.time.Instant;

import org.junit.jupiter.api.Test;

/** Clocks and random numbers that are the same in each run. */
class DeterminismTest {
    private static final Instant START = Instant.parse("2026-11-22T12:00:00.000000007Z");
    private static final long START_NANOS = START.getEpochSecond() * 1_000_000_000 + 7;
    private static final int WALL = 0;
    private static final int MONOTONIC = 1;

    @Test
    void clockAdvancesOneStepPerReading() {
        WasiConfig config = WasiConfig.builder().clock(START, Duration.ofNanos(5)).build();
        for (int i = 0; i < 2; i++) {
            try (StdioGuest guest = new StdioGuest(config)) {
                assertEquals(START_NANOS, guest.clock(WALL));
                assertEquals(5, guest.clock(MONOTONIC));
                assertEquals(START_NANOS + 10, guest.clock(WALL));
                assertEquals(15, guest.clock(MONOTONIC));
            }
        }
    }

    @Test
    void clockWithoutAStepStandsStill() {
        try (StdioGuest guest = new StdioGuest(WasiConfig.builder().clock(START, Duration.ZERO))) {
            for (int i = 0; i < 3; i++) {
                assertEquals(START_NANOS, guest.clock(WALL));
                assertEquals(0, guest.clock(MONOTONIC));
            }
        }
    }

    @Test
    void clockStopsAtItsLargestValue() {
        Duration longest = Duration.ofNanos(Long.MAX_VALUE);
        try (StdioGuest guest = new StdioGuest(WasiConfig.builder().clock(Instant.EPOCH.plus(longest), longest))) {
            for (int i = 0; i < 5; i++) {
                guest.clock(WALL);
            }
            assertEquals(-1, guest.clock(WALL), "2^64 - 1 nanoseconds");
        }
    }

    @Test
    void randomNumbersDependOnlyOnTheSeed() {
        long[] numbers = new long[4];
        for (int i = 0; i < numbers.length; i++) {
            try (StdioGuest guest = new StdioGuest(WasiConfig.builder().randomSeed(i / 2))) {
                numbers[i] = guest.random();
                assertNotEquals(numbers[i], guest.random());
            }
        }
        // One byte of each of the first eight numbers of SplitMix64.
        assertEquals(4232834352001083961L, numbers[0], "they are the same in every version");
        assertEquals(numbers[0], numbers[1]);
        assertEquals(numbers[2], numbers[3]);
        assertNotEquals(numbers[0], numbers[2]);
    }
}
