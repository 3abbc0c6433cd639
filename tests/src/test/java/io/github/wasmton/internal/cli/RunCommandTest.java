package io.github.wasmton.internal.cli;

import static io.github.wasmton.internal.cli.Commands.parse;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import io.github.wasmton.wasmtime.wasi.PreopenDir;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

class RunCommandTest {
    @Test
    void threeArgumentsAreEnough() {
        RunCommand arguments = parse();
        assertEquals("server:9092", arguments.bootstrapServers);
        assertEquals("topic", arguments.topic);
        assertEquals(Path.of("processor.wasm"), arguments.wasm);
        assertEquals("wasmton-topic", arguments.kafka.group(arguments.topic));
        assertEquals(Duration.ofSeconds(10), arguments.guest.limits.deadline);
        assertEquals("auto", arguments.kafka.engine);
        assertEquals(List.of(), arguments.guest.grants.dirs);
        assertEquals(Map.of(), arguments.guest.guest.env);
        assertEquals(Map.of(), arguments.kafka.clients.kafka);
    }

    @Test
    void optionsAreRepeatable() {
        RunCommand arguments = parse("--dir", ".::/", "--dir", "/var/data::/data", "--env", "A=1", "--env", "B=x=y",
                "--kafka", "sasl.jaas.config=a b=\"c\";", "--kafka", "fetch.min.bytes=1",
                "--group", "mine", "--threads", "3", "--engine", "streams", "--stacktrace");
        assertEquals(List.of(new PreopenDir(".", "/"), new PreopenDir("/var/data", "/data")),
                arguments.guest.grants.dirs);
        assertEquals(Map.of("A", "1", "B", "x=y"), arguments.guest.guest.env);
        assertEquals(Map.of("sasl.jaas.config", "a b=\"c\";", "fetch.min.bytes", "1"), arguments.kafka.clients.kafka);
        assertEquals("mine", arguments.kafka.group(arguments.topic));
        assertEquals(3, arguments.kafka.threads);
        assertEquals("streams", arguments.kafka.engine);
        assertTrue(arguments.configuration.stacktrace);
    }

    @Test
    void fileCanHoldArguments(@TempDir Path directory) throws Exception {
        Path file = Files.writeString(directory.resolve("arguments"), "--kafka\nssl.key.password=secret\n");
        assertEquals(Map.of("ssl.key.password", "secret"), parse("@" + file).kafka.clients.kafka);
    }

    @ParameterizedTest
    @CsvSource({"10s,10000", "500ms,500", "2m,120000", "1h,3600000", "1.5s,1500", "1500.0ms,1500", "1m30s,90000",
        "PT5S,5000", "10S,10000"})
    void aDeadlineIsWrittenAsPeopleDo(String text, long millis) {
        assertEquals(Duration.ofMillis(millis), parse("--deadline", text).guest.limits.deadline);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0s", "-1s", "soon", "", "1.5us", "s"})
    void rejectsAnInvalidDeadline(String text) {
        ParameterException e = assertThrows(ParameterException.class, () -> parse("--deadline", text));
        assertTrue(e.getMessage().contains("is not a time above zero, such as 500ms, 10s or 2m"), e.getMessage());
    }

    @Test
    void aTimeNeedsAUnit() {
        ParameterException e = assertThrows(ParameterException.class, () -> parse("--linger", "5"));
        assertTrue(e.getMessage().endsWith("'5' has no unit. Write 5ms, 5s or 5m"), e.getMessage());
    }

    /** Tests empty servers, as templates leave them. */
    @Test
    void ignoresEmptyServers() {
        CommandLine run = Commands.run();
        run.parseArgs("a:1, ,b:2,", "topic", "processor.wasm");
        assertEquals("a:1,b:2", run.<RunCommand>getCommand().bootstrapServers);
    }

    @Test
    void directoryGrantCanBeReadOnly() {
        assertEquals(List.of(new PreopenDir("data", "/", false), new PreopenDir("data:ro", "/:", true)),
                parse("--dir", "data::/:ro", "--dir", "data:ro::/:").guest.grants.dirs);
    }

    @ParameterizedTest
    @ValueSource(strings = {"data", "data:/", "::/", "data::", "data:::ro", ""})
    void rejectsAnInvalidPairOfDirectories(String text) {
        ParameterException e = assertThrows(ParameterException.class, () -> parse("--dir", text));
        assertTrue(e.getMessage().contains("is not HOST::GUEST, such as data::/"), e.getMessage());
    }
}
