package io.github.wasmton.internal.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import java.util.List;
import java.util.Set;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import io.github.wasmton.guest.GuestLimits;
import io.github.wasmton.guest.GuestOptions;
import io.github.wasmton.guest.OutputAccess;
import picocli.CommandLine.ParameterException;

class LimitArgumentsTest {
    private static GuestOptions parse(String... options) {
        return Commands.parse(options).guest.limits.apply(GuestOptions.DEFAULT);
    }

    @Test
    void defaultsEqualTheOptions() {
        GuestOptions options = parse();
        assertEquals(GuestLimits.DEFAULT, options.limits());
        assertEquals(Duration.ofSeconds(60), options.startDeadline());
    }

    @ParameterizedTest
    @CsvSource({"65536, 65536", "512KiB, 524288", "64MiB, 67108864", "64m, 67108864",
        "1GB, 1073741824", "1g, 1073741824"})
    void aSizeIsWrittenAsPeopleDo(String text, long bytes) {
        assertEquals(bytes, parse("--max-memory", text).limits().memory());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "MiB", "-1", "1.5GiB", "64 MiB x", "lots"})
    void rejectsAnInvalidSize(String text) {
        assertThrows(ParameterException.class, () -> parse("--max-memory", text));
    }

    @Test
    void otherLimitsArePassedOn() {
        GuestOptions options = parse("--start-deadline", "5s", "--max-table-elements", "10", "--deadline", "3s");
        assertEquals(Duration.ofSeconds(5), options.startDeadline());
        assertEquals(Duration.ofSeconds(3), options.deadline());
        assertEquals(10, options.limits().tableElements());
    }

    @Test
    void outputSizesHaveUnits() throws Exception {
        OutputAccess outputs = Commands.parse("--output-record-bytes", "64KiB", "--output-task-bytes", "1MiB")
                .guest.limits.outputs(List.of("a"));
        assertEquals(new OutputAccess(Set.of("a"), 64 * 1024, 1024 * 1024), outputs);
        LimitArguments large = Commands.parse("--output-task-bytes", "2GiB").guest.limits;
        assertEquals("--output-task-bytes must be less than 2GiB.",
                assertThrows(BadInputException.class, () -> large.outputs(List.of())).getMessage());
    }
}
