package io.github.wasmton.failure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;

import org.junit.jupiter.api.Test;

import io.github.wasmton.failure.FailureOptions.Threshold;
import io.github.wasmton.guest.Outcome;
import io.github.wasmton.guest.Task;
import io.github.wasmton.internal.stats.TaskCounters;

class OptionsFailurePolicyTest {
    private static final Task TASK = new Task("topic", 3, 42, new byte[0]);
    private final FailureOptions options = FailureOptions.DEFAULT.withDeadLetterTopic("dead");
    private final TaskCounters figures = new TaskCounters();
    private double random = 1;

    @Test
    void trapsAreRetriedWithBackoffAndThenDeadLettered() {
        OptionsFailurePolicy rules = rules(options.withAttempts(4)
                .withBackoff(Duration.ofMillis(100), Duration.ofSeconds(1)));
        assertEquals(new Verdict.Retry(Duration.ofMillis(100)), decide(rules, Outcome.Kind.TRAP, 1));
        assertEquals(new Verdict.Retry(Duration.ofMillis(200)), decide(rules, Outcome.Kind.TRAP, 2));
        random = 0;
        assertEquals(new Verdict.Retry(Duration.ofMillis(200)), decide(rules, Outcome.Kind.TRAP, 3), "half of 400");
        assertEquals(Verdict.DEAD_LETTER, decide(rules, Outcome.Kind.TRAP, 4));
        assertEquals(Verdict.DEAD_LETTER, decide(rules, Outcome.Kind.TRAP, 100));
    }

    @Test
    void stopsWithoutADeadLetterTopicAndNamesTheSetting() {
        OptionsFailurePolicy rules = rules(options.withDeadLetterTopic(null));
        for (Outcome.Kind kind : new Outcome.Kind[] {Outcome.Kind.TRAP, Outcome.Kind.DEAD_LETTER}) {
            Verdict.Stop stop = assertInstanceOf(Verdict.Stop.class, decide(rules, kind, 3));
            assertTrue(stop.why().contains("FailureOptions.deadLetterTopic"), stop.why());
        }
    }

    @Test
    void guestsVerdictsApplyAtOnce() {
        OptionsFailurePolicy rules = rules(options);
        assertEquals(Verdict.DEAD_LETTER, decide(rules, Outcome.Kind.DEAD_LETTER, 1));
        assertEquals(Verdict.SKIP, decide(rules, Outcome.Kind.SKIP, 1));
        assertInstanceOf(Verdict.Stop.class, decide(rules, Outcome.Kind.FATAL, 1));
        assertInstanceOf(Verdict.Retry.class, decide(rules, Outcome.Kind.RETRY, 1));
    }

    @Test
    void appliesEveryActionToEveryKind() {
        for (Outcome.Kind kind : Outcome.Kind.values()) {
            for (FailureAction action : FailureAction.values()) {
                OptionsFailurePolicy rules = rules(options.withAction(kind, action).withAttempts(2));
                boolean retries = action.toString().startsWith("retry");
                Verdict first = decide(rules, kind, 1);
                assertEquals(retries, first instanceof Verdict.Retry, kind + " " + action);
                Verdict last = retries ? decide(rules, kind, 2) : first;
                switch (action) {
                    case RETRY, DEAD_LETTER -> assertEquals(Verdict.DEAD_LETTER, last);
                    case RETRY_THEN_SKIP, SKIP -> assertEquals(Verdict.SKIP, last);
                    case RETRY_THEN_STOP, STOP -> assertInstanceOf(Verdict.Stop.class, last);
                }
            }
        }
    }

    @Test
    void tooManyFailuresStopEverything() {
        for (Outcome.Kind kind : new Outcome.Kind[] {Outcome.Kind.DEAD_LETTER, Outcome.Kind.REFUSED}) {
            OptionsFailurePolicy rules = rules(options.withAction(Outcome.Kind.REFUSED, FailureAction.SKIP)
                    .withThreshold(new Threshold(0.25, 1_000, 3)));
            decide(rules, kind, 1);
            decide(rules, kind, 1);
            Verdict.Stop stop = assertInstanceOf(Verdict.Stop.class, decide(rules, kind, 1));
            assertEquals("more than 25% of the last 1,000 tasks would be given up, so the guest or what it depends on "
                    + "is wrong (FailureOptions.threshold)", stop.why());
        }
    }

    @Test
    void skipsOfTheGuestStopNothing() {
        OptionsFailurePolicy rules = rules(options.withThreshold(new Threshold(0.25, 1_000, 3)));
        for (int i = 0; i < 100; i++) {
            assertEquals(Verdict.SKIP, decide(rules, Outcome.Kind.SKIP, 1));
        }
    }

    @Test
    void finishedTasksKeepItGoing() {
        OptionsFailurePolicy rules = rules(options.withThreshold(new Threshold(0.25, 1_000, 1)));
        for (int i = 0; i < 100; i++) {
            for (int good = 0; good < 3; good++) {
                figures.countDone();
            }
            assertEquals(Verdict.DEAD_LETTER, decide(rules, Outcome.Kind.DEAD_LETTER, 1));
        }
        assertInstanceOf(Verdict.Stop.class, decide(rules, Outcome.Kind.DEAD_LETTER, 1));
    }

    private OptionsFailurePolicy rules(FailureOptions of) {
        return new OptionsFailurePolicy(of, figures::done, () -> random);
    }

    private static Verdict decide(OptionsFailurePolicy rules, Outcome.Kind kind, int attempts) {
        return rules.decide(TASK, new Outcome.Failed(kind, "reason", ""), attempts);
    }
}
