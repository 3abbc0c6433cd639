package io.github.wasmton.internal.stats;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.HashSet;
import java.util.Set;

import org.junit.jupiter.api.Test;

import io.github.wasmton.guest.Outcome;

class TaskCountersTest {
    private final TaskCounters figures = new TaskCounters();

    @Test
    void lineHasCountsAndMeans() {
        for (int i = 0; i < 30; i++) {
            figures.countDone();
        }
        figures.countStopped();
        figures.countTime(1_000, 1);
        figures.countTime(3_000, 3);
        assertEquals(30, figures.done());
        assertEquals(1, figures.failed());
        assertEquals(2_500, figures.timeInGuest().meanNanos());
        assertEquals("30 tasks done, 1 failed, 20.0 tasks/s over 1.5 s, 2.5 us in the guest per task",
                figures.line(Duration.ofMillis(1_500)));
    }

    @Test
    void lineTellsWhereFailuresWent() {
        figures.countDone();
        figures.countStopped();
        figures.countDeadLettered();
        figures.countDeadLettered();
        figures.countSkipped();
        assertEquals(4, figures.failed());
        assertEquals("1 tasks done, 4 failed (2 dead-lettered, 1 skipped), 1.0 tasks/s over 1.0 s, 0.0 us in the guest "
                + "per task", figures.line(Duration.ofSeconds(1)));
    }

    @Test
    void attemptsAndInstancesAreSeparateCounts() {
        figures.countFailure(Outcome.Kind.TRAP);
        figures.countFailure(Outcome.Kind.TRAP);
        figures.countFailure(Outcome.Kind.DEADLINE);
        figures.countRetry();
        figures.countInstance();
        figures.countReplaced();
        assertEquals(2, figures.failures(Outcome.Kind.TRAP));
        assertEquals(1, figures.failures(Outcome.Kind.DEADLINE));
        assertEquals(0, figures.failures(Outcome.Kind.EXIT));
        assertEquals(1, figures.retried());
        assertEquals(1, figures.instances());
        assertEquals(1, figures.replaced());
        assertEquals(0, figures.failed(), "an attempt is no task");
        figures.countDone();
        assertEquals(4, figures.attempts());
    }

    @Test
    void latencyNeedsATimestamp() {
        figures.countLatency(-1, 1);
        assertEquals(0, figures.latency().count());
        figures.countLatency(System.currentTimeMillis() + 100_000, 1);
        assertEquals(0, figures.latency().totalNanos(), "from the future");
        figures.countLatency(System.currentTimeMillis() - 100_000, 2);
        assertEquals(3, figures.latency().count());
        assertTrue(figures.latency().totalNanos() >= 200e9, "two of 100 s");
    }

    @Test
    void tasksAreInFlightUntilTheyAreSettled() {
        ThreadState one = figures.begin();
        ThreadState other = figures.begin();
        assertEquals(0, figures.inFlight());
        one.guest();
        other.guest();
        assertEquals(2, figures.inFlight());
        other.waiting();
        assertEquals(2, figures.inFlight());
        assertTrue(ThreadState.inGuest(one.stamp()));
        assertFalse(ThreadState.inGuest(other.stamp()));
        other.idle();
        assertEquals(1, figures.inFlight());
        figures.end(one);
        assertEquals(0, figures.inFlight());
    }

    @Test
    void stampsDifferAfterEachChange() {
        ThreadState activity = figures.begin();
        Set<Long> stamps = new HashSet<>();
        for (int i = 0; i < 10; i++) {
            activity.guest();
            stamps.add(activity.stamp());
            activity.guest();
            stamps.add(activity.stamp());
            activity.idle();
            stamps.add(activity.stamp());
        }
        assertEquals(30, stamps.size());
    }

    @Test
    void lineOfNoTasksDividesByNothing() {
        assertEquals("0 tasks done, 0 failed, 0.0 tasks/s over 0.0 s, 0.0 us in the guest per task",
                figures.line(Duration.ZERO));
    }
}
