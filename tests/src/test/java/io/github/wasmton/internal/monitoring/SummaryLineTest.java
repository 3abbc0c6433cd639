package io.github.wasmton.internal.monitoring;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.List;

import org.junit.jupiter.api.Test;

import io.github.wasmton.internal.stats.TestCounters;

class SummaryLineTest {
    private static final Duration INTERVAL = Duration.ofSeconds(60);

    private final TestCounters figures = new TestCounters();
    private final SummaryLine summary = new SummaryLine(figures.figures());

    @Test
    void lineIsEmptyWhenNothingHappens() {
        assertEquals("", summary.line(INTERVAL, List.of()));
        assertEquals("", summary.line(INTERVAL, List.of(0L, 0L)));
    }

    @Test
    void lineTellsOfTheTimeSinceTheLastOne() {
        for (int i = 0; i < 120; i++) {
            figures.done();
        }
        figures.deadLettered();
        figures.skipped();
        figures.stopped();
        figures.retried();
        figures.replaced();
        figures.time(2_500, 10);
        figures.guest();
        assertEquals("120 tasks done in 1m (2.0/s), 1 dead-lettered, 1 skipped, 1 stopped, 1 attempts again, "
                + "1 instances replaced, 2.5 us in the guest each, 1 in flight, lag 7",
                summary.line(INTERVAL, List.of(3L, 4L)));
        figures.idle();
        figures.done();
        assertEquals("1 tasks done in 1m (0.0/s), lag 0", summary.line(INTERVAL, List.of(0L, 0L)));
        assertEquals("", summary.line(INTERVAL, List.of(0L, 0L)));
    }

    @Test
    void lineTellsOfLagWithoutDoneTasks() {
        assertEquals("0 tasks done in 1m (0.0/s), lag 5", summary.line(INTERVAL, List.of(5L)));
        figures.guest();
        assertEquals("0 tasks done in 1m (0.0/s), 1 in flight", summary.line(INTERVAL, List.of()));
    }
}
