package io.github.wasmton.internal.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import io.github.wasmton.Wasmton;
import io.github.wasmton.testing.Await;
import io.github.wasmton.testing.ChildJvm;
import io.github.wasmton.testing.Guests;
import io.github.wasmton.testing.TestKafka;
import io.github.wasmton.testing.Wasm;

/** Tests the program as its own process: exit codes after signals, failures and invalid arguments. */
class ProgramTest {
    private static final String IGNORED = "the tests were started in a shell's background, where SIGINT is ignored";

    @TempDir
    Path directory;

    /**
     * Returns whether SIGINT reaches this process. Programs inherit ignored signals, and so does the JVM; Linux shows
     * them.
     */
    private static boolean interruptible() throws IOException {
        Path status = Path.of("/proc/self/status");
        if (!Files.exists(status)) {
            return true;
        }
        try (Stream<String> lines = Files.lines(status)) {
            return lines.filter(line -> line.startsWith("SigIgn:"))
                    .noneMatch(line -> (Long.parseUnsignedLong(line.substring(7).trim(), 16) >> (2 - 1) & 1) == 1);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TERM", "INT"})
    void signalEndsItCleanly(String signal) throws Exception {
        assumeTrue(signal.equals("TERM") || interruptible(), IGNORED);
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

    /** Kills it repeatedly under load: every committed task was processed before, and in the end all were. */
    @Test
    void repeatedKillsLoseNothing() throws Exception {
        int rounds = 20;
        int batch = 3_000;
        String topic = TestKafka.newTopic(2);
        Path messages = directory.resolve("messages");
        Path out = directory.resolve("out");
        Path err = directory.resolve("err");
        // Kafka hands the partitions of a member that is gone to the next after the time-out of its session.
        String[] args = {"--kafka", "session.timeout.ms=1000", "--kafka", "heartbeat.interval.ms=200",
            "--metrics-port", "none", "--dir", directory + "::/", TestKafka.bootstrapServers(), topic,
            Wasm.built("messages").toString()};
        for (int round = 0; round < rounds; round++) {
            produce(topic, round * batch, batch);
            long before = Files.exists(messages) ? Files.size(messages) : 0;
            Process process = start(out, err, args);
            try {
                // At another place each time.
                long some = before + 500 * (1 + round % 7);
                Await.until("a part of the messages", () -> !process.isAlive()
                        || Files.exists(messages) && Files.size(messages) > some);
            } finally {
                process.destroyForcibly();
            }
            assertTrue(process.waitFor(Await.LIMIT.toSeconds(), TimeUnit.SECONDS), "waited for it to be killed");
            assertEquals(128 + 9, process.exitValue(), () -> text(out) + text(err));
            Set<String> written = written(messages);
            TestKafka.committed("wasmton-" + topic, topic).forEach((partition, offset) -> {
                for (long i = 0; i < offset; i++) {
                    assertTrue(written.contains(partition + "-" + i), partition + "-" + i + " is committed");
                }
            });
        }
        Process last = start(out, err, args);
        long count = (long) rounds * batch;
        Map<Integer, Long> all = Map.of(0, count / 2, 1, count / 2);
        try {
            Await.until("every message", () -> !last.isAlive()
                    || all.equals(TestKafka.committed("wasmton-" + topic, topic)));
        } finally {
            last.destroy();
        }
        assertTrue(last.waitFor(Await.LIMIT.toSeconds(), TimeUnit.SECONDS), "waited for the program to end");
        assertEquals(0, last.exitValue(), () -> text(out) + text(err));
        assertEquals(count, written(messages).size());
        assertEquals(all, TestKafka.committed("wasmton-" + topic, topic));
    }

    /** Starts a second process in the group, and ends the first one as soon as the second is ready, like Kubernetes. */
    @ParameterizedTest
    @ValueSource(strings = {"decaton", "decaton --in-flight 4", "consumer", "consumer --in-flight 4", "streams"})
    void rollingUpdateRepeatsNoTask(String engine) throws Exception {
        Backlog backlog = new Backlog(TestKafka.newTopic(2));
        Path out = directory.resolve("out");
        Path newOut = directory.resolve("new-out");
        List<String> args = new ArrayList<>(List.of("--engine"));
        args.addAll(List.of(engine.split(" ")));
        args.addAll(engine.contains("in-flight") ? List.of() : List.of("--threads", "2"));
        args.addAll(List.of("--metrics-port", "0", TestKafka.bootstrapServers(), backlog.topic,
                Wasm.built("probe").toString()));
        Process old = start(out, directory.resolve("err"), args.toArray(String[]::new));
        Process next = null;
        try {
            Await.until("some tasks", () -> backlog.keep() > 200 || !old.isAlive());
            assertTrue(old.isAlive(), () -> text(out) + text(directory.resolve("err")));
            Path newErr = directory.resolve("new-err");
            Process started = start(newOut, newErr, args.toArray(String[]::new));
            next = started;
            Await.until("the new process to be ready", () -> {
                assertTrue(started.isAlive(), () -> text(newOut) + text(newErr));
                backlog.keep();
                return isReady(text(newOut));
            });
            old.destroy();
            assertTrue(old.waitFor(Await.LIMIT.toSeconds(), TimeUnit.SECONDS), "waited for the old process");
            Await.until("every task", () -> backlog.committed() == backlog.sent);
        } finally {
            old.destroyForcibly();
            if (next != null) {
                next.destroy();
            }
        }
        assertTrue(next.waitFor(Await.LIMIT.toSeconds(), TimeUnit.SECONDS), "waited for the new process");
        assertEquals(backlog.sent, done(text(out)) + done(text(newOut)), () -> text(out) + text(newOut));
    }

    private static boolean isReady(String out) throws Exception {
        Matcher address = Pattern.compile("(http://\\S+:\\d+): /metrics").matcher(out);
        try {
            return address.find() && HttpClient.newHttpClient().send(
                    HttpRequest.newBuilder(URI.create(address.group(1) + "/ready")).build(),
                    HttpResponse.BodyHandlers.ofString()).statusCode() == 200;
        } catch (ConnectException e) {
            return false;  // it is about to end, and the next look tells why
        }
    }

    private static int done(String out) {
        Matcher done = Pattern.compile("(\\d+) tasks done, 0 failed").matcher(out);
        assertTrue(done.find(), out);
        return Integer.parseInt(done.group(1));
    }

    /** Tasks of 20 ms, so many that some always wait. */
    private static final class Backlog {
        private static final int WAITING = 500;

        final String topic;
        int sent;

        Backlog(String topic) {
            this.topic = topic;
        }

        long committed() throws Exception {
            return TestKafka.committed("wasmton-" + topic, topic).values().stream().mapToLong(offset -> offset).sum();
        }

        /** Sends more, and returns how many tasks are committed. */
        long keep() throws Exception {
            long committed = committed();
            for (; sent < committed + WAITING; sent++) {
                TestKafka.sendAsync(topic, sent % 2, null, "sleep 20".getBytes(UTF_8));
            }
            TestKafka.flush();
            return committed;
        }
    }

    /** Creates messages that contain their place as {@code partition-offset}. */
    private static void produce(String topic, int first, int count) {
        for (int i = first; i < first + count; i++) {
            TestKafka.sendAsync(topic, i % 2, null, ("{\"message\":\"" + i % 2 + "-" + i / 2 + "\"}").getBytes(UTF_8));
        }
        TestKafka.flush();
    }

    /** Returns the complete lines so far. */
    private static Set<String> written(Path messages) throws IOException {
        try (Stream<String> lines = Files.lines(messages)) {
            return lines.collect(Collectors.toSet());
        }
    }

    @Test
    void secondSignalEndsItAtOnce() throws Exception {
        assumeTrue(interruptible(), IGNORED);
        String topic = TestKafka.newTopic(1);
        TestKafka.send(topic, 0, "loops");
        Path guest = Files.writeString(directory.resolve("guest.wat"), Guests.MISDEEDS);
        Path out = directory.resolve("out");
        Path err = directory.resolve("err");
        Process process = start(out, err, "--deadline", "1h", "--stop-timeout", "1h", "--metrics-port", "none",
                TestKafka.bootstrapServers(), topic, guest.toString());
        try {
            Await.until("the start", () -> !process.isAlive() || text(out).contains("guest "));
            new ProcessBuilder("kill", "-TERM", Long.toString(process.pid())).start().waitFor();
            // Which of them is the second one that is taken cannot be seen from here: the first one is waited for.
            Await.until("the end", () -> {
                new ProcessBuilder("kill", "-INT", Long.toString(process.pid())).start().waitFor();
                return !process.isAlive();
            });
        } finally {
            process.destroyForcibly();
        }
        assertEquals(128 + 2, process.exitValue(), () -> text(out) + text(err));
        assertEquals(Map.of(), TestKafka.committed("wasmton-" + topic, topic));
    }

    @Test
    void failedTaskEndsItWithExitCodeOneAndIsLogged() throws Exception {
        String topic = TestKafka.newTopic(1);
        TestKafka.send(topic, 0, "good", "fails");
        Path guest = Files.writeString(directory.resolve("guest.wat"), Guests.TRAPS_AT_F);
        ChildJvm.Result result = new ChildJvm().with("WASMTON_METRICS_PORT", "none")
                .run(Wasmton.class, "--threads", "1", TestKafka.bootstrapServers(), topic, guest.toString());
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
    void invalidArgumentEndsItWithExitCodeTwoAndOneSentence() throws Exception {
        ChildJvm.Result result = new ChildJvm().with("WASMTON_METRICS_PORT", "none").run(Wasmton.class, "127.0.0.1",
                "topic", Wasm.built("messages").toString());
        assertEquals(2, result.exit(), result.err());
        assertEquals(1, result.err().lines().count(), result.err());
        assertTrue(result.err().startsWith("'127.0.0.1' is not host:port"), result.err());
        assertEquals("", result.out());
    }

    /** Starts the program without waiting; {@link ChildJvm} waits for its end. */
    static Process start(Path out, Path err, String... args) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));  // it is mostly started
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

    static String text(Path file) {
        try {
            return Files.readString(file, UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
