package io.github.wasmton;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import io.github.wasmton.testing.Await;
import io.github.wasmton.testing.ChildJvm;
import io.github.wasmton.testing.Guests;
import io.github.wasmton.testing.TestKafka;
import io.github.wasmton.testing.Wasm;

/** The program as a process of its own: what a signal, a failure and a wrong word do to its exit code. */
class ProgramTest {
    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"TERM", "INT"})
    void aSignalIsACleanEnd(String signal) throws Exception {
        String topic = TestKafka.newTopic(2);
        TestKafka.send(topic, 0, "{\"message\":\"before\"}");
        Path messages = directory.resolve("messages");
        Path out = directory.resolve("out");
        Path err = directory.resolve("err");
        Process process = start(out, err, "--dir", directory + "::/", TestKafka.bootstrapServers(), topic,
                Wasm.built("messages").toString());
        try {
            Await.until("the first message", () -> Files.exists(messages) || !process.isAlive());
            TestKafka.send(topic, 1, "{\"message\":\"after\"}");
            Await.until("two messages", () -> Files.readString(messages).lines().count() == 2 || !process.isAlive());
            assertTrue(process.isAlive(), () -> text(out) + text(err));
            new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid())).start();
            assertTrue(process.waitFor(Await.LIMIT.toSeconds(), TimeUnit.SECONDS), "waited for the program to end");
        } finally {
            process.destroyForcibly();
        }
        assertEquals(0, process.exitValue(), () -> text(out) + text(err));
        assertEquals("before\nafter\n", Files.readString(messages));
        assertTrue(text(out).contains("\n2 tasks done, 0 failed, "), text(out));
        assertEquals("", text(err));
        assertEquals(Map.of(0, 1L, 1, 1L), TestKafka.committed("wasmton-" + topic, topic));
    }

    @Test
    void aProcessThatIsKilledLosesNothing() throws Exception {
        int count = 20_000;
        String topic = TestKafka.newTopic(2);
        for (int i = 0; i < count; i++) {
            TestKafka.sendAsync(topic, i % 2, null, ("{\"message\":\"" + i + "\"}").getBytes(UTF_8));
        }
        TestKafka.flush();
        Path messages = directory.resolve("messages");
        Path out = directory.resolve("out");
        Path err = directory.resolve("err");
        // Kafka hands the partitions of a member that is gone to the next after this time, the shortest it allows.
        String[] args = {"--kafka", "session.timeout.ms=6000", "--dir", directory + "::/",
            TestKafka.bootstrapServers(), topic, Wasm.built("messages").toString()};
        Process process = start(out, err, args);
        try {
            Await.until("a part of the messages", () -> !process.isAlive() || written(messages) > 100);
        } finally {
            process.destroyForcibly();
        }
        assertTrue(process.waitFor(Await.LIMIT.toSeconds(), TimeUnit.SECONDS), "waited for the program to be killed");
        assertEquals(128 + 9, process.exitValue(), () -> text(out) + text(err));
        long first = written(messages);

        Process second = start(out, err, args);
        try {
            Await.until("every message, after " + first, () -> !second.isAlive() || written(messages) == count);
        } finally {
            second.destroy();
        }
        assertTrue(second.waitFor(Await.LIMIT.toSeconds(), TimeUnit.SECONDS), "waited for the program to end");
        assertEquals(count, written(messages), () -> text(out) + text(err));
        assertEquals(Map.of(0, count / 2L, 1, count / 2L), TestKafka.committed("wasmton-" + topic, topic));
    }

    /** How many different messages there are. */
    private static long written(Path messages) throws IOException {
        if (!Files.exists(messages)) {
            return 0;
        }
        try (Stream<String> lines = Files.lines(messages)) {
            return lines.distinct().count();
        }
    }

    @Test
    void aTaskThatFailsEndsItWithOneAndIsInTheLog() throws Exception {
        String topic = TestKafka.newTopic(1);
        TestKafka.send(topic, 0, "good", "fails");
        Path guest = Files.writeString(directory.resolve("guest.wat"), Guests.TRAPS_AT_F);
        ChildJvm.Result result = new ChildJvm().with("WASMTON_METRICS_PORT", "none").run(Wasmton.class, "--threads", "1",
                TestKafka.bootstrapServers(), topic, guest.toString());
        assertEquals(1, result.exit(), result.err());
        List<String> lines = new ArrayList<>(result.err().lines().toList());
        assertEquals(5, lines.size(), result.err());
        String place = "Task failed: topic " + topic + ", partition 0, offset 1: .*unreachable.* ";
        assertTrue(lines.get(0).matches("\\S+ WARN  FailureLog: " + place + "\\(attempt 1; .*"), lines.get(0));
        assertTrue(lines.get(1).matches("\\S+ WARN  FailureLog: " + place + "\\(attempt 2; .*"), lines.get(1));
        assertTrue(lines.get(2).matches("\\S+ ERROR FailureLog: " + place + "\\(tried 3 times; .*"), lines.get(2));
        assertTrue(lines.get(3).startsWith("    "), "a frame of the guest: " + lines.get(3));
        assertEquals("Stopped: task " + topic + "-0@1 failed, and there is no dead-letter topic (--dead-letter-topic)."
                + " What is not done comes again at the next start.", lines.get(4));
    }

    @Test
    void aWrongWordEndsItWithTwoAndOneSentence() throws Exception {
        ChildJvm.Result result = new ChildJvm().with("WASMTON_METRICS_PORT", "none").run(Wasmton.class, "127.0.0.1:1", "topic",
                Wasm.built("messages").toString());
        assertEquals(2, result.exit(), result.err());
        assertEquals(1, result.err().lines().count(), result.err());
        assertTrue(result.err().startsWith("No Kafka: 127.0.0.1:1 cannot be reached"), result.err());
        assertEquals("", result.out());
    }

    /** Starts the program and goes on; {@link ChildJvm} waits for its end. */
    private static Process start(Path out, Path err, String... args) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        String library = System.getProperty("io.github.wasmton.native.path");
        if (library != null) {
            command.add("-Dio.github.wasmton.native.path=" + library);
        }
        command.addAll(List.of("-cp", System.getProperty("wasmton.test.classpath"), Wasmton.class.getName()));
        command.addAll(List.of(args));
        ProcessBuilder builder = new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
        builder.environment().put("WASMTON_METRICS_PORT", "none");
        return builder.start();
    }

    private static String text(Path file) {
        try {
            return Files.readString(file, UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
