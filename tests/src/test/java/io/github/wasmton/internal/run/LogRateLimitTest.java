package io.github.wasmton.internal.run;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.concurrent.atomic.AtomicLong;

import org.junit.jupiter.api.Test;

class LogRateLimitTest {
    private final AtomicLong clock = new AtomicLong(Long.MAX_VALUE - 5);  // it may overflow
    private final LogRateLimit limit = new LogRateLimit(clock::get);

    @Test
    void limitsLinesAndCountsTheRest() {
        for (int stretch = 0; stretch < 3; stretch++) {
            for (int i = 0; i < LogRateLimit.LINES; i++) {
                assertEquals(stretch > 0 && i == 0 ? 7 : 0, limit.admit());
            }
            for (int i = 0; i < 7; i++) {
                assertEquals(LogRateLimit.NO, limit.admit());
            }
            clock.addAndGet(LogRateLimit.STRETCH.toNanos());
        }
        assertEquals(7, limit.takeLeftOut());
        assertEquals(0, limit.takeLeftOut());
    }

    @Test
    void fewLinesAreAllLogged() {
        for (int i = 0; i < 1_000; i++) {
            clock.addAndGet(LogRateLimit.STRETCH.toNanos() / LogRateLimit.LINES);
            assertEquals(0, limit.admit());
        }
    }
}
