package io.github.wasmton.internal.engine;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

import org.junit.jupiter.api.Test;

class ShareTest {
    private final AtomicLong clock = new AtomicLong(Long.MAX_VALUE);  // overflows, as System.nanoTime may
    private final Share share = new Share(Duration.ofSeconds(3), clock::get);

    @Test
    void partitionsAreAShareUntilTheyAreGivenUp() {
        assertFalse(share.complete(), "before the first rebalance");
        share.dealt(1);
        assertTrue(share.complete());
        share.givenUp();
        assertFalse(share.complete());
    }

    @Test
    void noPartitionsAreAShareAfterTwoHeartbeats() {
        share.dealt(0);
        assertFalse(share.complete());
        clock.addAndGet(Duration.ofSeconds(6).toNanos() - 1);
        assertFalse(share.complete());
        share.dealt(0);
        clock.addAndGet(1);
        assertFalse(share.complete(), "another rebalance begins anew");
        clock.addAndGet(Duration.ofSeconds(6).toNanos());
        assertTrue(share.complete());
        share.dealt(2);
        assertTrue(share.complete());
    }
}
