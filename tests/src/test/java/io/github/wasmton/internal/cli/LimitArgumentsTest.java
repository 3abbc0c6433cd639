package io.github.wasmton.internal.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import io.github.wasmton.guest.GuestLimits;
import io.github.wasmton.guest.GuestLogging;
import io.github.wasmton.guest.GuestOptions;
import io.github.wasmton.wasmtime.wasi.Output;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

class LimitArgumentsTest {
    private static GuestOptions parse(String... options) {
        Arguments arguments = new Arguments();
        CommandLine line = Arguments.commandLine(arguments);
        String[] all = new String[options.length + 3];
        System.arraycopy(options, 0, all, 0, options.length);
        System.arraycopy(new String[] {"server:9092", "topic", "processor.wasm"}, 0, all, options.length, 3);
        line.parseArgs(all);
        return arguments.limits.apply(GuestOptions.DEFAULT);
    }

    @Test
    void theDefaultsAreTheOptionsOwn() {
        GuestOptions options = parse();
        assertEquals(GuestLimits.DEFAULT, options.limits());
        assertEquals(GuestLogging.BOTH, options.logging());
        assertEquals(Duration.ofSeconds(60), options.startDeadline());
    }

    @ParameterizedTest
    @CsvSource({"65536, 65536", "512KiB, 524288", "64MiB, 67108864", "64m, 67108864", "1GB, 1073741824", "1g, 1073741824"})
    void aSizeIsWrittenAsPeopleDo(String text, long bytes) {
        assertEquals(bytes, parse("--max-memory", text).limits().memory());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "MiB", "-1", "1.5GiB", "64 MiB x", "lots"})
    void whatIsNoSizeIsNotTaken(String text) {
        assertThrows(ParameterException.class, () -> parse("--max-memory", text));
    }

    @Test
    void theRestIsHandedOn() {
        GuestOptions options = parse("--start-deadline", "5s", "--max-table-elements", "10", "--stdout", "inherit",
                "--stderr", "discard");
        assertEquals(Duration.ofSeconds(5), options.startDeadline());
        assertEquals(10, options.limits().tableElements());
        assertEquals(GuestLogging.NONE, options.logging());
        assertSame(Output.inherit(), options.wasi().stdout());
        assertSame(Output.discard(), options.wasi().stderr());
    }
}
