package io.github.wasmton;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import ch.qos.logback.classic.Level;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import io.github.wasmton.internal.kafka.DeadLetter;
import io.github.wasmton.internal.monitoring.Monitoring;
import io.github.wasmton.testing.Await;
import io.github.wasmton.testing.Guests;
import io.github.wasmton.testing.LogCapture;
import io.github.wasmton.testing.OnThread;
import io.github.wasmton.testing.TestGuests;
import io.github.wasmton.testing.TestKafka;
import io.github.wasmton.testing.TopicContents;
import io.github.wasmton.testing.Wasm;

/** Tests the program on the engine that it finds: Decaton, or the fake of it. */
class WasmtonTest {
    /** An address without Kafka: checks that come before Kafka's do not reach it. */
    private static final String NO_KAFKA = "127.0.0.1:1";

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final Wasmton wasmton = newWasmton();
    @TempDir
    Path directory;

    // ---- what is not right ----

    @Test
    void versionIsOneLine() {
        assertEquals(Wasmton.OK, wasmton.run("--version"));
        assertTrue(out.toString(UTF_8).matches("wasmton \\S.*, Java \\d+.*\\R"), out.toString(UTF_8));
    }

    @Test
    void namesMissingArguments() {
        assertEquals(Wasmton.BAD_INPUT, wasmton.run());
        assertTrue(err.toString(UTF_8).contains("BOOTSTRAP_SERVERS") && err.toString(UTF_8).contains("PROCESSOR_WASM"),
                err.toString(UTF_8));
        assertTrue(err.toString(UTF_8).contains("--help"), err.toString(UTF_8));
    }

    @Test
    void namesUnknownOptions() throws Exception {
        assertEquals(Wasmton.BAD_INPUT, wasmton.run("--nonsense", NO_KAFKA, "topic", guest()));
        assertTrue(err.toString(UTF_8).contains("--nonsense"), err.toString(UTF_8));
    }

    @Test
    void namesAMissingFile() {
        refuses("There is no file " + directory.resolve("none.wasm"), NO_KAFKA, "topic",
                directory.resolve("none.wasm").toString());
    }

    @Test
    void rejectsAFileThatIsNoProcessorWithTheReason() throws Exception {
        Path file = Files.writeString(directory.resolve("no-run.wat"), "(module (memory (export \"memory\") 1))");
        refuses(file + " cannot serve as a processor: ", NO_KAFKA, "topic", file.toString());
    }

    @Test
    void rejectsAGuestThatFailsToStartWithTheReason() throws Exception {
        Path file = Files.writeString(directory.resolve("traps.wat"), """
                (module (memory (export "memory") 1) (func (export "run")) (func (export "_initialize") unreachable))
                """);
        refuses(file + " does not start: ", NO_KAFKA, "topic", file.toString());
    }

    @Test
    void namesAMissingDirectory() throws Exception {
        refuses("--dir: there is no directory 'no-such-directory'", "--dir", "no-such-directory::/", NO_KAFKA, "topic",
                guest());
    }

    @Test
    void outputTopicsMustExist() throws Exception {
        refuses("The topic 'no-such-output' does not exist on ", "--output-topic", "no-such-output",
                TestKafka.bootstrapServers(), TestKafka.newTopic(1), Wasm.built("router").toString());
    }

    @Test
    void outputTopicsAreForGuestsThatCanProduce() throws Exception {
        String output = TestKafka.newTopic(1);
        String guest = guest();
        refuses(guest + " cannot serve as a processor: it is of protocol 0, which cannot produce records, but "
                + "--output-topic grants " + output, "--output-topic", output, TestKafka.bootstrapServers(),
                TestKafka.newTopic(1), guest);
    }

    @Test
    void guestOfProtocol1ProducesToItsTopic() throws Exception {
        String topic = TestKafka.newTopic(1);
        String output = TestKafka.newTopic(1);
        for (String task : List.of("nothing", "produce " + output + " a b", "skip", "nothing", "nothing",
                "produce " + output + " c")) {
            TestKafka.send(topic, 0, null, task.getBytes(UTF_8));
        }
        Run run = start("--output-topic", output, "--attempts", "1", TestKafka.bootstrapServers(), topic,
                TestGuests.guest("probe-c").toString());
        Await.until("three records", () -> run.isOver() || TopicContents.values(output).size() == 3);
        Await.until("all tasks", () -> run.isOver() || TestKafka.committed("wasmton-" + topic, topic)
                .equals(Map.of(0, 6L)));
        assertEquals(Wasmton.OK, run.stopped());
        assertEquals(List.of("a", "b", "c"), TopicContents.values(output));
        assertTrue(out.toString(UTF_8).contains("5 tasks done, 1 failed (1 skipped)"), out.toString(UTF_8));
    }

    @Test
    void seriesOfProtocol1KeepOrderAndCommits() throws Exception {
        int count = 5_000;
        String topic = TestKafka.newTopic(1);
        String output = TestKafka.newTopic(1);
        List<String> produced = new ArrayList<>();
        int skipped = 0;
        for (int i = 0; i < count; i++) {
            boolean skip = i % 250 == 249;
            boolean produces = !skip && i % 100 == 7;
            if (produces) {
                produced.add("" + i);
            }
            skipped += skip ? 1 : 0;
            TestKafka.sendAsync(topic, 0, null,
                    (skip ? "skip" : produces ? "produce " + output + ' ' + i : "nothing").getBytes(UTF_8));
        }
        TestKafka.flush();
        Run run = start("--engine", "consumer", "--output-topic", output, TestKafka.bootstrapServers(), topic,
                TestGuests.guest("probe-c").toString());
        Await.until("all tasks", () -> run.isOver() || TestKafka.committed("wasmton-" + topic, topic)
                .equals(Map.of(0, (long) count)));
        assertEquals(Wasmton.OK, run.stopped());
        assertEquals(produced, TopicContents.values(output));
        assertTrue(out.toString(UTF_8).contains(count - skipped + " tasks done, " + skipped + " failed (" + skipped
                + " skipped)"), out.toString(UTF_8));
    }

    @Test
    void batchesReachAGuestThatTakesThem() throws Exception {
        String topic = TestKafka.newTopic(1);
        String output = TestKafka.newTopic(1);
        TestKafka.send(topic, 0, "a", "produce " + output + " text", "panic", "skip d", "e");
        Run run = start("--output-topic", output, "--batch", "5", "--linger", "1h", "--on", "trap=skip",
                TestKafka.bootstrapServers(), topic, TestGuests.guest("probe-batch").toString());
        Await.until("all tasks", () -> run.isOver() || TestKafka.committed("wasmton-" + topic, topic)
                .equals(Map.of(0, 5L)));
        assertEquals(Wasmton.OK, run.stopped());
        assertEquals(List.of("text"), TopicContents.values(output), "nothing of the batch that failed");
        String told = out.toString(UTF_8);
        assertTrue(told.contains("batches of up to 5 tasks on "), told);
        assertTrue(told.contains("3 tasks done, 2 failed (2 skipped)"), told);
    }

    @Test
    void rejectsImpossibleLimitsOfOutputs() throws Exception {
        refuses("--output-record-bytes, --output-task-bytes: a record may have at least one byte",
                "--output-task-bytes", "10", NO_KAFKA, "topic", guest());
    }

    @Test
    void rejectsACaFileWithoutCertificates() throws Exception {
        refuses("the certificates in 'no-such-file' cannot be used", "--ca-file", "no-such-file", NO_KAFKA, "topic",
                guest());
    }

    @Test
    void rejectsZeroThreads() throws Exception {
        refuses("--threads must be at least 1, not 0", "--threads", "0", NO_KAFKA, "topic", guest());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "--attempts 0                     | a task is tried between 1 and 1000000 times, not 0",
        "--backoff 2m                     | the wait between attempts grows from zero or more to no less",
        "--failure-minimum 0              | at least 1 of at least 1 task: 0 of 1000",
        "--on trap=nonsense               | --on: 'nonsense' is no action. There are: retry, retry-then-skip, "
            + "retry-then-stop, dead-letter, skip, stop.",
        "--on nonsense=skip               | --on: 'nonsense' is no kind of failure. There are: trap, exit, ",
        "--on trap=dead-letter            | --on ...=dead-letter needs a --dead-letter-topic",
        "--dead-letter-topic topic        | --dead-letter-topic is the topic that is read",
        "--deadline 1h --kafka max.poll.interval.ms=300000 --engine streams "
            + "| a task can take 3h0.6s with all its attempts"
    })
    void rejectsInvalidFailureOptions(String options, String message) throws Exception {
        List<String> args = new ArrayList<>(List.of(options.strip().split(" ")));
        args.addAll(List.of(NO_KAFKA, "topic", guest()));
        assertEquals(Wasmton.BAD_INPUT, wasmton.run(args.toArray(String[]::new)), err.toString(UTF_8));
        assertTrue(err.toString(UTF_8).contains(message), err.toString(UTF_8));
    }

    @Test
    void rejectsAVariableWithoutAName() throws Exception {
        refuses("not the name of an environment variable", "--env", "=x", NO_KAFKA, "topic", guest());
    }

    @Test
    void rejectsATooLongDeadline() throws Exception {
        refuses("a deadline is longer than zero and at most a year", "--deadline", "10000h", NO_KAFKA, "topic",
                guest());
    }

    @ParameterizedTest
    @ValueSource(strings = {"bootstrap.servers", "group.id", "enable.auto.commit", "key.deserializer",
        "value.deserializer"})
    void rejectsSettingsThatBreakAPromise(String setting) throws Exception {
        refuses("--kafka cannot set " + setting, "--kafka", setting + "=secret", NO_KAFKA, "topic", guest());
        assertFalse(err.toString(UTF_8).contains("secret"), err.toString(UTF_8));
    }

    @Test
    void checksKafkaLast() throws Exception {
        assertEquals(Wasmton.FAILED, wasmton.run(NO_KAFKA, "topic", guest()), "not a fault of the input");
        assertTrue(err.toString(UTF_8).startsWith("No Kafka: " + NO_KAFKA + " cannot be reached"), err.toString(UTF_8));
    }

    @Test
    void namesAMissingTopic() throws Exception {
        refuses("The topic 'no-such-topic' does not exist", TestKafka.bootstrapServers(), "no-such-topic", guest());
    }

    @Test
    void stackTraceOptionShowsTheStackTrace() throws Exception {
        assertEquals(Wasmton.FAILED, wasmton.run("--stacktrace", NO_KAFKA, "topic", guest()));
        assertTrue(err.toString(UTF_8).contains("\tat io.github.wasmton.internal.cli.KafkaCheck"), err.toString(UTF_8));
    }

    private void refuses(String message, String... args) {
        assertEquals(Wasmton.BAD_INPUT, wasmton.run(args), err.toString(UTF_8));
        assertTrue(err.toString(UTF_8).startsWith(message), err.toString(UTF_8));
        assertEquals(1, err.toString(UTF_8).lines().count(), err.toString(UTF_8));
        assertEquals("", out.toString(UTF_8));
    }

    // ---- from a record to the guest ----

    @Test
    void sampleWritesItsTasks() throws Exception {
        String topic = TestKafka.newTopic(2);
        byte[] key = "one key".getBytes(UTF_8);
        for (String message : List.of("Hello", "from", "Wasm!")) {
            TestKafka.send(topic, 1, key, ("{\"message\":\"" + message + "\"}").getBytes(UTF_8));
        }
        Path messages = directory.resolve("messages");
        Run run = start("--dir", directory + "::/", "--threads", "2", "--env", "TOKEN=secret-1",
                "--kafka", "ssl.key.password=secret-2", TestKafka.bootstrapServers(), topic, sample());
        Await.until("three messages", () -> run.isOver() || lines(messages).size() == 3);
        assertEquals(Wasmton.OK, run.stopped());

        assertEquals(List.of("Hello", "from", "Wasm!"), lines(messages));
        List<String> printed = out.toString(UTF_8).lines().toList();
        assertEquals(3, printed.size(), out.toString(UTF_8));
        assertTrue(printed.get(0).matches("wasmton .*: engine (\\w+) "
                + "\\((decaton is on the class path|as --engine says)\\), "
                + "topic " + topic + " \\(2 partitions\\) on " + TestKafka.bootstrapServers()
                + ", group wasmton-" + topic + ", 2 threads.*"), printed.get(0));
        assertTrue(printed.get(1).matches("guest " + Pattern.quote(sample()) + " \\(sha256 [0-9a-f]{12}\\): 10s per "
                + "task, 128MiB; 3 attempts, then stop; directories: " + Pattern.quote(directory.toString())
                + " as /; environment: TOKEN; "
                + "network: none; output topics: none"), printed.get(1));
        assertTrue(printed.get(2).matches("3 tasks done, 0 failed, \\S+ tasks/s over \\S+ s, \\S+ us in the guest per "
                + "task"), printed.get(2));
        assertFalse((out.toString(UTF_8) + err.toString(UTF_8)).contains("secret"));
        assertEquals("", err.toString(UTF_8));
        assertEquals(Map.of(1, 3L), TestKafka.committed("wasmton-" + topic, topic));
    }

    @Test
    void processesEveryTaskOfBothPartitions() throws Exception {
        int count = 10_000;
        String topic = TestKafka.newTopic(2);
        for (int i = 0; i < count; i++) {
            TestKafka.sendAsync(topic, i % 2, null, ("{\"message\":\"" + i + "\"}").getBytes(UTF_8));
        }
        TestKafka.flush();
        Path messages = directory.resolve("messages");
        Run run = start("--dir", directory + "::/", "--threads", "2", TestKafka.bootstrapServers(), topic, sample());
        Await.until(count + " messages", () -> run.isOver() || lines(messages).size() >= count);
        assertEquals(Wasmton.OK, run.stopped());

        List<Integer> written = lines(messages).stream().map(Integer::valueOf).sorted().toList();
        assertEquals(IntStream.range(0, count).boxed().toList(), written);
        assertEquals(Map.of(0, 5_000L, 1, 5_000L), TestKafka.committed("wasmton-" + topic, topic));
    }

    @Test
    void failedTaskStopsItAndIsProcessedAgain() throws Exception {
        String topic = TestKafka.newTopic(1);
        TestKafka.send(topic, 0, "good", "fails", "good");
        for (int start = 0; start < 2; start++) {
            Wasmton next = newWasmton();
            assertEquals(Wasmton.FAILED, next.run("--threads", "1", "--group", "mine-" + topic,
                    TestKafka.bootstrapServers(), topic, guest()));
            assertEquals(Map.of(0, 1L), TestKafka.committed("mine-" + topic, topic), "not the task that failed");
        }
        assertTrue(out.toString(UTF_8).contains("\n1 tasks done, 1 failed, "), out.toString(UTF_8));
        assertTrue(out.toString(UTF_8).contains("\n0 tasks done, 1 failed, "), out.toString(UTF_8));
        String stopped = "Stopped: task " + topic + "-0@1 failed, and there is no dead-letter topic "
                + "(--dead-letter-topic). What is not done comes again at the next start.";
        assertEquals(List.of(stopped, stopped), err.toString(UTF_8).lines().toList());
    }

    @Test
    void failedTasksGoWhereTheOptionsSayAndOthersAreDone() throws Exception {
        String topic = TestKafka.newTopic(1);
        String dead = TestKafka.newTopic(1);
        List<Header> headers = List.of(new RecordHeader("h", new byte[] {1}), new RecordHeader("h", null));
        TestKafka.send(topic, 0, "good", "traps", "exits", "2 dead letter", "3 skip", "loops");
        TestKafka.send(new ProducerRecord<>(topic, 0, 1_234L, "key".getBytes(UTF_8), "t, with all".getBytes(UTF_8),
                headers));
        TestKafka.send(topic, 0, "good");
        Run run = start("--attempts", "2", "--backoff", "1ms", "--deadline", "300ms", "--dead-letter-topic", dead,
                "--on", "exit=skip", "--failure-threshold", "100%", "--threads", "1",
                TestKafka.bootstrapServers(), topic, misdeeds());
        Await.until("every task", () -> run.isOver()
                || TestKafka.committed("wasmton-" + topic, topic).getOrDefault(0, 0L) == 8);
        assertEquals(Wasmton.OK, run.stopped(), err.toString(UTF_8));
        assertTrue(out.toString(UTF_8).contains("\n2 tasks done, 6 failed (4 dead-lettered, 2 skipped), "),
                out.toString(UTF_8));
        assertEquals("", err.toString(UTF_8));

        List<ConsumerRecord<byte[], byte[]>> letters = TestKafka.records(dead);
        List<String> summaries = new ArrayList<>();
        letters.forEach(record -> {
            DeadLetter letter = DeadLetter.read(record);
            summaries.add(new String(record.value(), UTF_8) + ": " + letter.kind() + " at " + letter.offset()
                    + " after " + letter.attempts());
        });
        assertEquals(List.of("traps: trap at 1 after 2", "2 dead letter: dead-letter at 3 after 1",
                "loops: deadline at 5 after 2", "t, with all: trap at 6 after 2"), summaries);
        ConsumerRecord<byte[], byte[]> whole = letters.get(3);
        assertEquals("key", new String(whole.key(), UTF_8));
        assertEquals(1_234, DeadLetter.read(whole).timestamp());
        assertEquals(topic, DeadLetter.read(whole).topic());
        assertTrue(DeadLetter.read(whole).backtrace().contains("wasm function"), DeadLetter.read(whole).backtrace());
        assertTrue(out.toString(UTF_8).contains(DeadLetter.read(whole).sha256().substring(0, 12)));
        List<String> kept = new ArrayList<>();
        whole.headers().headers("h").forEach(header -> kept.add(Arrays.toString(header.value())));
        assertEquals(List.of("[1]", "null"), kept);
    }

    @Test
    void brokenGuestStopsBeforeTheTopicIsDrained() throws Exception {
        String topic = TestKafka.newTopic(1);
        String dead = TestKafka.newTopic(1);
        for (int i = 0; i < 200; i++) {
            TestKafka.sendAsync(topic, 0, null, "fails".getBytes(UTF_8));
        }
        TestKafka.flush();
        assertEquals(Wasmton.FAILED, wasmton.run("--threads", "1", "--attempts", "1", "--dead-letter-topic", dead,
                TestKafka.bootstrapServers(), topic, guest()));
        assertTrue(err.toString(UTF_8).contains("more than 10% of the last 1,000 tasks would be given up"),
                err.toString(UTF_8));
        assertEquals(19, TestKafka.records(dead).size());
        assertEquals(Map.of(0, 19L), TestKafka.committed("wasmton-" + topic, topic));
    }

    @Test
    void reportsAMissingDeadLetterTopicBeforeReading() throws Exception {
        String topic = TestKafka.newTopic(1);
        TestKafka.send(topic, 0, "good");
        refuses("--dead-letter-topic: The topic 'no-such-topic' does not exist", "--dead-letter-topic",
                "no-such-topic", TestKafka.bootstrapServers(), topic, guest());
        assertEquals(Map.of(), TestKafka.committed("wasmton-" + topic, topic));
    }

    @Test
    void rejectsACompactedDeadLetterTopic() throws Exception {
        String topic = TestKafka.newTopic(1);
        String dead = TestKafka.newTopic(1);
        TestKafka.configure(dead, "cleanup.policy", "compact");
        refuses("--dead-letter-topic: The dead-letter topic '" + dead + "' is compacted", "--dead-letter-topic", dead,
                TestKafka.bootstrapServers(), topic, guest());
    }

    /** Tests that a task whose dead letter Kafka rejects is not lost: it stays uncommitted. */
    @Test
    void rejectedDeadLetterStopsIt() throws Exception {
        String topic = TestKafka.newTopic(1);
        String dead = TestKafka.newTopic(1);
        TestKafka.configure(dead, "max.message.bytes", "200");
        TestKafka.send(topic, 0, "good", "fails", "good");
        assertEquals(Wasmton.FAILED, wasmton.run("--threads", "1", "--attempts", "1", "--dead-letter-topic", dead,
                TestKafka.bootstrapServers(), topic, guest()));
        assertTrue(err.toString(UTF_8).startsWith("Stopped: task " + topic + "-0@1 failed, and the dead-letter topic "
                + dead + " did not take it: "), err.toString(UTF_8));
        assertEquals(Map.of(0, 1L), TestKafka.committed("wasmton-" + topic, topic));
        assertEquals(0, TestKafka.records(dead).size());
    }

    @Test
    void stopInterruptsTheBackoff() throws Exception {
        String topic = TestKafka.newTopic(1);
        TestKafka.send(topic, 0, "good", "fails", "good");
        Run run = start("--threads", "1", "--backoff", "1h", "--max-backoff", "1h", TestKafka.bootstrapServers(), topic,
                guest());
        try (LogCapture log = new LogCapture("io.github.wasmton.internal.run.FailureLog", Level.INFO)) {
            Await.until("the first attempt", () -> run.isOver() || !log.lines().isEmpty());
            assertEquals(Wasmton.OK, run.stopped(), err.toString(UTF_8));
        }
        assertEquals(Map.of(0, 1L), TestKafka.committed("wasmton-" + topic, topic));
        assertTrue(out.toString(UTF_8).contains("\n1 tasks done, 0 failed, "), out.toString(UTF_8));
    }

    @Test
    void stopLeavesAnEndlessTaskBehind() throws Exception {
        String topic = TestKafka.newTopic(1);
        TestKafka.send(topic, 0, "loops");
        Run run = start("--deadline", "30s", "--stop-timeout", "500ms", TestKafka.bootstrapServers(), topic,
                misdeeds());
        Await.until("the start", () -> run.isOver() || out.toString(UTF_8).contains("guest "));
        assertEquals(Wasmton.OK, run.stopped());
        assertEquals(Map.of(), TestKafka.committed("wasmton-" + topic, topic));
    }

    @Test
    void stopBeforeRunEndsItAtOnce() throws Exception {
        String topic = TestKafka.newTopic(1);
        wasmton.stop();
        assertEquals(Wasmton.OK, wasmton.run(TestKafka.bootstrapServers(), topic, guest()));
    }

    private Wasmton newWasmton() {
        return new Wasmton(new PrintStream(out, true, UTF_8), new PrintStream(err, true, UTF_8),
                environment());
    }

    /** Returns the environment of the program. */
    protected Map<String, String> environment() {
        return Map.of("WASMTON_METRICS_PORT", "none");
    }

    // ---- what it shows of itself ----

    @Test
    void serverShowsMetricsHealthAndReadiness() throws Exception {
        String topic = TestKafka.newTopic(2);
        TestKafka.send(topic, 0, "good", "good", "good");
        Run run = start("--metrics-port", "0", TestKafka.bootstrapServers(), topic, guest());
        Await.until("three tasks", () -> run.isOver() || get("/metrics").body().contains(
                "wasmton_tasks_total{group=\"wasmton-" + topic + "\",outcome=\"done\",topic=\"" + topic + "\"} 3.0"));
        Await.until("readiness", () -> run.isOver() || get("/ready").statusCode() == 200);
        assertEquals(200, get("/health").statusCode());
        String metrics = get("/metrics").body();
        for (String figure : List.of("wasmton_info{", "engine=\"", "wasmton_guest_time_seconds_count",
                "wasmton_task_latency_seconds_bucket", "wasmton_instances_made_total", "jvm_memory_used_bytes",
                "process_cpu_usage")) {
            assertTrue(metrics.contains(figure), figure + " in:\n" + metrics);
        }
        Await.until("the lag", () -> run.isOver() || get("/metrics").body().contains("wasmton_group_lag{"));
        assertEquals(Wasmton.OK, run.stopped(), err.toString(UTF_8));
    }

    /** Probes ask from the first moment on: a guest can take half a minute to compile. */
    @Test
    void healthAndReadinessAnswerDuringTheStart() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"))) {
            Run run = start("--metrics-port", "0", "127.0.0.1:" + silent.getLocalPort(), "topic", guest());
            Await.until("the question to Kafka", () -> run.isOver()
                    || get("/health").body().equals("starting: connecting to Kafka\n"));
            HttpResponse<String> ready = get("/ready");
            assertEquals(503, ready.statusCode());
            assertEquals("not ready: starting: connecting to Kafka\n", ready.body());
            assertTrue(get("/metrics").body().contains("jvm_memory_used_bytes"));
            Await.until("the end", run::isOver);
            assertTrue(err.toString(UTF_8).contains("does not answer as Kafka does"), err.toString(UTF_8));
        }
    }

    /** Scrapes a complete run through a real Kafka whose tasks end in every way but a stop. */
    @Test
    void metricsCountTheOutcomesOfTasks() throws Exception {
        String topic = TestKafka.newTopic(2);
        String dead = TestKafka.newTopic(1);
        TestKafka.send(topic, 0, "good", "traps", "3 skip");
        TestKafka.send(topic, 1, "2 dead letter", "good");
        Run run = start("--metrics-port", "0", "--attempts", "2", "--backoff", "1ms", "--dead-letter-topic", dead,
                "--failure-threshold", "100%", TestKafka.bootstrapServers(), topic, misdeeds());
        String labels = "group=\"wasmton-" + topic + "\",%stopic=\"" + topic + "\"} ";
        List<String> expected = List.of(
                "wasmton_tasks_total{" + labels.formatted("outcome=\"done\",") + "2.0",
                "wasmton_tasks_total{" + labels.formatted("outcome=\"dead_lettered\",") + "2.0",
                "wasmton_tasks_total{" + labels.formatted("outcome=\"skipped\",") + "1.0",
                "wasmton_tasks_total{" + labels.formatted("outcome=\"stopped\",") + "0.0",
                "wasmton_failures_total{" + labels.formatted("kind=\"trap\",") + "2.0",
                "wasmton_failures_total{" + labels.formatted("kind=\"dead_letter\",") + "1.0",
                "wasmton_failures_total{" + labels.formatted("kind=\"skip\",") + "1.0",
                "wasmton_attempts_total{" + labels.formatted("") + "6.0",
                "wasmton_instances_replaced_total{" + labels.formatted("") + "2.0",
                "wasmton_group_lag{" + labels.formatted("partition=\"0\",") + "0.0",
                "wasmton_group_lag{" + labels.formatted("partition=\"1\",") + "0.0");
        Await.until("all figures", () -> run.isOver() || get("/metrics").body().lines().toList().containsAll(expected));
        List<String> lines = get("/metrics").body().lines().toList();
        assertEquals(expected, expected.stream().filter(lines::contains).toList(), String.join("\n", lines));
        assertEquals(2, TestKafka.records(dead).size());
        assertEquals(Wasmton.OK, run.stopped(), err.toString(UTF_8));
    }

    @Test
    void logHasASummaryLine() throws Exception {
        String topic = TestKafka.newTopic(1);
        TestKafka.send(topic, 0, "good", "good", "good");
        try (LogCapture log = new LogCapture(Monitoring.class, Level.INFO)) {
            Run run = start("--summary-interval", "1s", TestKafka.bootstrapServers(), topic, guest());
            Pattern line = Pattern.compile("INFO (\\d+) tasks done in 1s \\(.*");
            Await.until("lines about three tasks", () -> run.isOver() || 3 == log.lines().stream().map(line::matcher)
                    .filter(Matcher::matches).mapToInt(match -> Integer.parseInt(match.group(1))).sum());
            assertEquals(Wasmton.OK, run.stopped(), err.toString(UTF_8));
        }
    }

    private HttpResponse<String> get(String path) throws Exception {
        Await.until("the address", () -> out.toString(UTF_8).contains(": /metrics, /health, /ready"));
        Matcher address = Pattern.compile("(?m)^(http://127\\.0\\.0\\.1:\\d+): /metrics").matcher(out.toString(UTF_8));
        assertTrue(address.find(), out.toString(UTF_8));
        return HttpClient.newHttpClient().send(HttpRequest.newBuilder(URI.create(address.group(1) + path)).build(),
                HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void reportsAnOccupiedPortBeforeReading() throws Exception {
        String topic = TestKafka.newTopic(1);
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            refuses("The port for /metrics and /health cannot be opened at 127.0.0.1:" + taken.getLocalPort(),
                    "--metrics-port", Integer.toString(taken.getLocalPort()), TestKafka.bootstrapServers(), topic,
                    guest());
        }
        assertTrue(err.toString(UTF_8).contains("--metrics-port"), err.toString(UTF_8));
    }

    @Test
    void namesAnInvalidAddress() throws Exception {
        refuses("--metrics-address: there is no address 'no-such-host.invalid'", "--metrics-port", "0",
                "--metrics-address", "no-such-host.invalid", TestKafka.bootstrapServers(), TestKafka.newTopic(1),
                guest());
    }

    @Test
    void printConfigShowsTheConfigurationAndRunsNothing() {
        assertEquals(Wasmton.OK, wasmton.run("--print-config", "--kafka", "ssl.key.password=secret", NO_KAFKA));
        assertTrue(out.toString(UTF_8).contains("kafka.ssl.key.password"), out.toString(UTF_8));
        assertFalse(out.toString(UTF_8).contains("secret"), out.toString(UTF_8));
        assertEquals("", err.toString(UTF_8));
    }

    /** A program that runs on its own thread. */
    private final class Run {
        private final CompletableFuture<Integer> exit = new CompletableFuture<>();

        boolean isOver() {
            return exit.isDone();
        }

        int stopped() throws Exception {
            wasmton.stop();
            return Await.result("Wasmton to end", exit);
        }
    }

    private Run start(String... args) {
        Run run = new Run();
        OnThread.start("wasmton", () -> {
            try {
                run.exit.complete(wasmton.run(args));
            } catch (Throwable e) {
                run.exit.completeExceptionally(e);
            }
        });
        return run;
    }

    private static List<String> lines(Path file) throws Exception {
        if (!Files.exists(file)) {
            return List.of();
        }
        try (Stream<String> lines = Files.lines(file)) {
            return lines.toList();
        }
    }

    private static String sample() {
        return Wasm.built("messages").toString();
    }

    private String misdeeds() throws Exception {
        return Files.writeString(directory.resolve("misdeeds.wat"), Guests.MISDEEDS).toString();
    }

    private String guest() throws Exception {
        return Files.writeString(directory.resolve("guest.wat"), Guests.TRAPS_AT_F).toString();
    }
}
