package io.github.wasmton.failure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Map;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

import io.github.wasmton.failure.FailureOptions.Threshold;
import io.github.wasmton.guest.Outcome;

class FailureOptionsTest {
    private final FailureOptions options = FailureOptions.DEFAULT;

    @Test
    void defaultsTryATaskThreeTimes() {
        assertEquals(3, options.attempts());
        assertNull(options.deadLetterTopic());
        assertEquals(new Threshold(0.1, 1_000, 20), options.threshold());
    }

    @Test
    void everyKindHasADefaultActionThatCanBeReplaced() {
        for (Outcome.Kind kind : Outcome.Kind.values()) {
            assertEquals(switch (kind) {
                case TRAP, EXIT, DEADLINE, MEMORY, REFUSED, NOT_TAKEN, RETRY -> FailureAction.RETRY;
                case DEAD_LETTER -> FailureAction.DEAD_LETTER;
                case SKIP -> FailureAction.SKIP;
                case FATAL -> FailureAction.STOP;
                case HOST -> FailureAction.RETRY_THEN_STOP;
            }, options.action(kind), kind.name());
        }
        FailureOptions other = options.withAction(Outcome.Kind.TRAP, FailureAction.STOP);
        assertEquals(FailureAction.STOP, other.action(Outcome.Kind.TRAP));
        assertEquals(FailureAction.RETRY, other.action(Outcome.Kind.EXIT), "the others are as before");
        assertEquals(FailureAction.RETRY, options.action(Outcome.Kind.TRAP), "options do not change");
    }

    @Test
    void delayDoublesUpToItsLimit() {
        FailureOptions doubling = options.withBackoff(Duration.ofMillis(100), Duration.ofSeconds(1));
        assertEquals("[100, 200, 400, 800, 1000, 1000]", IntStream.rangeClosed(1, 6)
                .mapToObj(attempts -> doubling.backoffAfter(attempts).toMillis()).toList().toString());
        assertEquals(Duration.ofSeconds(1), doubling.backoffAfter(Integer.MAX_VALUE));
        Duration day = Duration.ofDays(1);
        assertEquals(day, options.withBackoff(day, day).backoffAfter(1_000_000));
        assertEquals(Duration.ZERO, options.withBackoff(Duration.ZERO, day).backoffAfter(1_000_000));
    }

    @Test
    void longestTimeAddsAttemptsAndDelays() {
        Duration second = Duration.ofSeconds(1);
        FailureOptions some = options.withBackoff(second, second.multipliedBy(3));
        assertEquals(10, some.withAttempts(1).longest(second.multipliedBy(10)).toSeconds());
        assertEquals(30 + 1 + 2, some.withAttempts(3).longest(second.multipliedBy(10)).toSeconds());
        assertEquals(60 + 1 + 2 + 3 + 3 + 3, some.withAttempts(6).longest(second.multipliedBy(10)).toSeconds());
        assertEquals(1_000_000 + 1 + 2 + 3 * 999_997, some.withAttempts(1_000_000).longest(second).toSeconds());
    }

    @Test
    void refusesOptionsThatMakeNoSense() {
        refuses("between 1 and 1000000 times, not 0", () -> options.withAttempts(0));
        refuses("not from -1ms to", () -> options.withBackoff(Duration.ofMillis(-1), Duration.ofSeconds(1)));
        refuses("not from 2s to 1s", () -> options.withBackoff(Duration.ofSeconds(2), Duration.ofSeconds(1)));
        refuses("a day at most", () -> options.withBackoff(Duration.ZERO, Duration.ofHours(25)));
        refuses("above 0", () -> new Threshold(0, 1_000, 20));
        refuses("above 0", () -> new Threshold(Double.NaN, 1_000, 20));
        refuses("at least 1", () -> new Threshold(0.1, 0, 20));
        refuses("at least 1", () -> new Threshold(0.1, 1_000, 0));
        assertThrows(NullPointerException.class, () -> options.withThreshold(null));
        assertThrows(NullPointerException.class,
                () -> new FailureOptions(1, null, Duration.ZERO, Map.of(), null, Threshold.DEFAULT));
    }

    private static void refuses(String message, Executable making) {
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, making);
        assertTrue(e.getMessage().contains(message), e.getMessage());
    }
}
