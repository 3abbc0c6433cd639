package io.github.wasmton.internal.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import io.github.wasmton.wasmtime.wasi.PreopenDir;
import picocli.CommandLine.ParameterException;

class ArgumentsTest {
    @Test
    void threeArgumentsAreEnough() {
        Arguments arguments = parse();
        assertEquals("server:9092", arguments.bootstrapServers);
        assertEquals("topic", arguments.topic);
        assertEquals(Path.of("processor.wasm"), arguments.wasm);
        assertEquals("wasmton-topic", arguments.group());
        assertEquals(Duration.ofSeconds(10), arguments.deadline);
        assertEquals("auto", arguments.engine);
        assertEquals(List.of(), arguments.dirs);
        assertEquals(Map.of(), arguments.env);
        assertEquals(Map.of(), arguments.kafka.kafka);
    }

    @Test
    void optionsCanBeGivenMoreThanOnce() {
        Arguments arguments = parse("--dir", ".::/", "--dir", "/var/data::/data", "--env", "A=1", "--env", "B=x=y",
                "--kafka", "sasl.jaas.config=a b=\"c\";", "--kafka", "fetch.min.bytes=1",
                "--group", "mine", "--threads", "3", "--engine", "streams", "--stacktrace");
        assertEquals(List.of(new PreopenDir(".", "/"), new PreopenDir("/var/data", "/data")), arguments.dirs);
        assertEquals(Map.of("A", "1", "B", "x=y"), arguments.env);
        assertEquals(Map.of("sasl.jaas.config", "a b=\"c\";", "fetch.min.bytes", "1"), arguments.kafka.kafka);
        assertEquals("mine", arguments.group());
        assertEquals(3, arguments.threads);
        assertEquals("streams", arguments.engine);
        assertTrue(arguments.stacktrace);
    }

    @Test
    void aFileCanHoldArguments(@TempDir Path directory) throws Exception {
        Path file = Files.writeString(directory.resolve("arguments"), "--kafka\nssl.key.password=secret\n");
        assertEquals(Map.of("ssl.key.password", "secret"), parse("@" + file).kafka.kafka);
    }

    @ParameterizedTest
    @CsvSource({"10s,10000", "500ms,500", "2m,120000", "1h,3600000", "1.5s,1500", "1m30s,90000", "PT5S,5000",
        "10S,10000"})
    void aDeadlineIsWrittenAsPeopleDo(String text, long millis) {
        assertEquals(Duration.ofMillis(millis), parse("--deadline", text).deadline);
    }

    @ParameterizedTest
    @ValueSource(strings = {"10", "0s", "-1s", "soon", "", "1.5ms", "s"})
    void whatIsNoDeadlineIsNotTaken(String text) {
        ParameterException e = assertThrows(ParameterException.class, () -> parse("--deadline", text));
        assertTrue(e.getMessage().contains("is not a time above zero, such as 500ms, 10s or 2m"), e.getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"data", "data:/", "::/", "data::", ""})
    void whatIsNoDirectoryPairIsNotTaken(String text) {
        ParameterException e = assertThrows(ParameterException.class, () -> parse("--dir", text));
        assertTrue(e.getMessage().contains("is not HOST::GUEST, such as data::/"), e.getMessage());
    }

    private static Arguments parse(String... options) {
        List<String> line = new ArrayList<>(List.of(options));
        line.addAll(List.of("server:9092", "topic", "processor.wasm"));
        Arguments arguments = new Arguments();
        Arguments.commandLine(arguments).parseArgs(line.toArray(new String[0]));
        return arguments;
    }
}
