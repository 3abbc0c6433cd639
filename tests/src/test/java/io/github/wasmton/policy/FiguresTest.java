package io.github.wasmton.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;

import org.junit.jupiter.api.Test;

class FiguresTest {
    private final Figures figures = new Figures();

    @Test
    void countsAndMeansAreInTheLine() {
        for (int i = 0; i < 30; i++) {
            figures.countDone();
        }
        figures.countFailed();
        figures.countTime(1_000);
        figures.countTime(4_000);
        assertEquals(30, figures.done());
        assertEquals(1, figures.failed());
        assertEquals(2_500, figures.meanNanosInGuest());
        assertEquals("30 tasks done, 1 failed, 20.0 tasks/s over 1.5 s, 2.5 us in the guest per task",
                figures.line(Duration.ofMillis(1_500)));
    }

    @Test
    void nothingDoneIsNothingDividedByNothing() {
        assertEquals("0 tasks done, 0 failed, 0.0 tasks/s over 0.0 s, 0.0 us in the guest per task",
                figures.line(Duration.ZERO));
    }
}
