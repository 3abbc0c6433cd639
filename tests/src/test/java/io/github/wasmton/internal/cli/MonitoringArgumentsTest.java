package io.github.wasmton.internal.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetSocketAddress;
import java.time.Duration;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

class MonitoringArgumentsTest {
    @Test
    void defaultIsTheLoopbackPort9464AndALineAMinute() throws Exception {
        MonitoringArguments arguments = parse();
        assertEquals(new InetSocketAddress("127.0.0.1", 9464), arguments.listenAt());
        assertEquals(Duration.ofMinutes(1), arguments.summaryInterval);
    }

    @Test
    void optionSetsPortAndAddress() throws Exception {
        assertEquals(new InetSocketAddress("0.0.0.0", 0), parse("--metrics-port", "0", "--metrics-address", "0.0.0.0")
                .listenAt());
        assertEquals(Duration.ofSeconds(5), parse("--summary-interval", "5s").summaryInterval);
    }

    @Test
    void optionTurnsItOff() throws Exception {
        MonitoringArguments arguments = parse("--metrics-port", "none", "--summary-interval", "none");
        assertNull(arguments.listenAt());
        assertEquals("none", new Form.Port().text(arguments.port));
        assertTrue(arguments.summaryInterval.isZero());
    }

    @ParameterizedTest
    @ValueSource(strings = {"65536", "-1", "x", "", "99999999999"})
    void rejectsAnInvalidPort(String text) {
        ParameterException e = assertThrows(ParameterException.class, () -> parse("--metrics-port=" + text));
        assertTrue(e.getMessage().contains("'" + text + "' is not a port up to 65535, nor none"), e.getMessage());
    }

    private static MonitoringArguments parse(String... options) {
        MonitoringArguments arguments = new MonitoringArguments();
        new CommandLine(arguments).parseArgs(options);
        return arguments;
    }
}
