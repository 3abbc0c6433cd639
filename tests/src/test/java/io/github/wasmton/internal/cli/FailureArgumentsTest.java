package io.github.wasmton.internal.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import io.github.wasmton.failure.FailureAction;
import io.github.wasmton.failure.FailureOptions.Threshold;
import io.github.wasmton.failure.FailureOptions;
import io.github.wasmton.guest.Outcome;
import picocli.CommandLine.ParameterException;

class FailureArgumentsTest {
    @Test
    void noOptionsMeanTheDefaults() throws Exception {
        assertEquals(FailureOptions.DEFAULT, options());
        assertEquals("3 attempts, then stop", FailureArguments.line(options()));
    }

    @Test
    void everyOptionIsRead() throws Exception {
        FailureOptions options = options("--attempts", "1", "--backoff", "1s", "--max-backoff", "1m",
                "--dead-letter-topic", "dead", "--failure-threshold", "0.5%", "--failure-window", "200",
                "--failure-minimum", "2");
        assertEquals(1, options.attempts());
        assertEquals(Duration.ofSeconds(1), options.backoff());
        assertEquals(Duration.ofMinutes(1), options.maxBackoff());
        assertEquals("dead", options.deadLetterTopic());
        assertEquals(new Threshold(0.005, 200, 2), options.threshold());
        assertEquals("1 attempt, then to the topic dead", FailureArguments.line(options));
    }

    /**
     * Tests both spellings: a file has kinds in lower case, the environment in upper case, as in
     * {@code WASMTON_ON_NOT_TAKEN}.
     */
    @Test
    void kindsAndActionsAcceptEverySpelling() throws Exception {
        FailureOptions options = options("--on", "trap=skip", "--on", "NOT_TAKEN=retry-then-stop", "--on",
                "Dead-Letter=STOP");
        assertEquals(FailureAction.SKIP, options.action(Outcome.Kind.TRAP));
        assertEquals(FailureAction.RETRY_THEN_STOP, options.action(Outcome.Kind.NOT_TAKEN));
        assertEquals(FailureAction.STOP, options.action(Outcome.Kind.DEAD_LETTER));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "ten", "-1%", "1000%", "%", "1,5%"})
    void rejectsAnInvalidPercentage(String text) {
        ParameterException e = assertThrows(ParameterException.class, () -> options("--failure-threshold", text));
        assertTrue(e.getMessage().contains("is not a percentage, such as 10% or 0.5%"), e.getMessage());
    }

    private static FailureOptions options(String... options) throws BadInputException {
        return Commands.parse(options).failures.options("topic");
    }
}
