package io.github.wasmton.internal.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import io.github.wasmton.Wasmton;
import io.github.wasmton.guest.Outcome;
import io.github.wasmton.guest.Task;
import io.github.wasmton.internal.kafka.DeadLetter;
import io.github.wasmton.internal.kafka.DeadLetterTopic;
import io.github.wasmton.internal.kafka.RecordSender;
import io.github.wasmton.testing.Await;
import io.github.wasmton.testing.TestKafka;

class DlqCommandTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final RecordSender sender = new RecordSender(Map.of("bootstrap.servers", TestKafka.bootstrapServers()));
    private final Map<String, String> environment = new HashMap<>(
            Map.of("WASMTON_DEADLINE", "5s", "WASMTON_KAFKA_FETCH_MIN_BYTES", "1"));
    private String topic;
    private String dead;

    @BeforeEach
    void topics() {
        topic = TestKafka.newTopic(2);
        dead = TestKafka.newTopic(1);
    }

    @AfterEach
    void close() {
        sender.close();
    }

    // ---- what is not right ----

    @Test
    void missingCommandShowsTheUsage() {
        assertEquals(Wasmton.BAD_INPUT, wasmton());
        assertTrue(err.toString(UTF_8).startsWith("Usage: wasmton dlq COMMAND "), err.toString(UTF_8));
        assertEquals(Wasmton.OK, wasmton("--help"));
        assertTrue(out.toString(UTF_8).startsWith("Usage: wasmton dlq COMMAND "), out.toString(UTF_8));
        err.reset();
        assertEquals(Wasmton.BAD_INPUT, wasmton("lst"));
        assertEquals(List.of("There is no command 'lst' of wasmton dlq. Did you mean list?",
                "'wasmton dlq --help' says what is needed."), err.toString(UTF_8).lines().toList());
    }

    @Test
    void helpListsImportantOptionsFirstAndOmitsThoseWithoutEffect() {
        for (String command : List.of("list", "show", "replay")) {
            out.reset();
            assertEquals(Wasmton.OK, wasmton(command, "--help"), err.toString(UTF_8));
            String help = out.toString(UTF_8);
            assertTrue(help.startsWith("Usage: wasmton dlq " + command
                    + " [OPTIONS] [BOOTSTRAP_SERVERS DEAD_LETTER_TOPIC]"), help);
            assertFalse(help.contains("--streams") || help.contains("--decaton") || help.contains("new group"), help);
            assertTrue(command.equals("show") || help.indexOf("--kind") < help.indexOf("--kafka"), help);
        }
    }

    @Test
    void namesMissingAndInvalidArguments() {
        refuses("DEAD_LETTER_TOPIC", "list", TestKafka.bootstrapServers());
        refuses("The topic 'no-such-topic' does not exist", "list", TestKafka.bootstrapServers(), "no-such-topic");
        refuses("'17' is not PARTITION@OFFSET", "show", TestKafka.bootstrapServers(), dead, "17");
        refuses("There is no record at 0@17", "show", TestKafka.bootstrapServers(), dead, "0@17");
        refuses("'x' is not PARTITION@OFFSET", "replay", "--only", "x", TestKafka.bootstrapServers(), dead);
        refuses("--to is the dead-letter topic itself", "replay", "--to", dead, TestKafka.bootstrapServers(), dead);
        refuses("Unknown option '--nonsense'", "replay", "--nonsense", TestKafka.bootstrapServers(), dead);
        refuses("'wasmton dlq replay --help' says what is needed", "replay", "--nonsense", dead);
    }

    @Test
    void commandsAcceptTheProcessorsFileAndEnvironment(@TempDir Path directory) throws Exception {
        letter(task(0, 7, "a"), Outcome.Kind.TRAP, "reason");
        letter(task(0, 8, "b"), Outcome.Kind.TRAP, "reason");
        Path file = Files.writeString(directory.resolve("orders.properties"), """
                bootstrap-servers = %s
                topic = orders
                processor-wasm = orders.wasm
                dead-letter-topic = %s
                env.REGION = eu
                kafka.client.id = me
                allow-net = a:1, b:2
                """.formatted(TestKafka.bootstrapServers(), dead));
        assertEquals(Wasmton.OK, wasmton("list", "--config-file", file.toString()), err.toString(UTF_8));
        assertEquals("2 dead letters, 0 of them replayed", lines().get(2));
        out.reset();
        environment.put("WASMTON_CONFIG_FILE", file.toString());
        environment.put("WASMTON_ENV_A", "b");
        assertEquals(Wasmton.OK, wasmton("show", "0@1"), err.toString(UTF_8));
        assertEquals("task       " + topic + "-0@8", lines().get(0));
        assertEquals(Wasmton.OK, wasmton("replay"), err.toString(UTF_8));
        assertEquals(List.of("a", "b"), values(topic));
        out.reset();
        // What the command line says comes first.
        assertEquals(Wasmton.OK, wasmton("list", TestKafka.bootstrapServers(), topic), err.toString(UTF_8));
        assertEquals("0@0 is not a dead letter of Wasmton's", lines().get(0));
        refuses("There is no record at 0@7", "show", TestKafka.bootstrapServers(), "0@7");

        environment.put("WASMTON_DEADLIN", "5s");
        refuses("WASMTON_DEADLIN. Did you mean WASMTON_DEADLINE?", "list");
        environment.remove("WASMTON_DEADLIN");
        Files.writeString(file, "all = true");
        refuses(file + ": there is no option 'all'", "replay", TestKafka.bootstrapServers(), dead);
    }

    // ---- list and show ----

    @Test
    void listShowsALineForEachAndTheirNumber() throws Exception {
        letter(task(0, 7, "a"), Outcome.Kind.TRAP, "wasm trap:\n unreachable");
        letter(task(1, 8, "b"), Outcome.Kind.DEADLINE, "too slow");
        TestKafka.send(dead, 0, "from somebody else");
        assertEquals(Wasmton.OK, wasmton("list", TestKafka.bootstrapServers(), dead), err.toString(UTF_8));
        List<String> lines = lines();
        assertEquals(4, lines.size(), out.toString(UTF_8));
        assertTrue(lines.get(0).matches("0@0 \\S+Z trap " + topic + "-0@7 3 wasm trap:\\\\n unreachable"),
                lines.get(0));
        assertTrue(lines.get(1).matches("0@1 \\S+Z deadline " + topic + "-1@8 3 too slow"), lines.get(1));
        assertEquals("0@2 is not a dead letter of Wasmton's", lines.get(2));
        assertEquals("3 dead letters, 0 of them replayed", lines.get(3));

        out.reset();
        wasmton("list", "--kind", "deadline", TestKafka.bootstrapServers(), dead);
        assertTrue(lines().get(0).startsWith("0@1 "), out.toString(UTF_8));
        assertEquals(2, lines().size());
        out.reset();
        wasmton("list", "--limit", "1", TestKafka.bootstrapServers(), dead);
        assertEquals("3 dead letters, 0 of them replayed; 1 listed (--limit)", lines().get(1));
    }

    @Test
    void emptyTopicHasNone() {
        assertEquals(Wasmton.OK, wasmton("list", TestKafka.bootstrapServers(), dead));
        assertEquals(List.of("0 dead letters, 0 of them replayed"), lines());
    }

    @Test
    void showShowsEverything() throws Exception {
        Task task = new Task(topic, 1, 42, 1_700_000_000_000L, "the key".getBytes(UTF_8),
                new byte[] {(byte) 0xff, 0}, List.of(new Task.Header("h", "ä".getBytes(UTF_8)),
                        new Task.Header("h", null)), 1);
        letter(task, Outcome.Kind.TRAP, "the reason");
        assertEquals(Wasmton.OK, wasmton("show", TestKafka.bootstrapServers(), dead, "0@0"), err.toString(UTF_8));
        List<String> lines = lines();
        assertEquals("task       " + topic + "-1@42", lines.get(0));
        assertEquals("timestamp  2023-11-14T22:13:20Z", lines.get(1));
        assertTrue(lines.get(2).matches("failed     \\S+Z, after 3 attempts"), lines.get(2));
        assertEquals(List.of("kind       trap", "reason     the reason", "guest      sha256 abc", "    0: inner",
                "    1: outer", "header     h: ä", "header     h: null", "key        the key", "value      0xff00"),
                lines.subList(3, lines.size()));
    }

    @Test
    void textOfARecordIsEscapedEverywhere() throws Exception {
        String attack = "x\n2026-01-01 ERROR forged\u001b[2J\u001b]0;owned\u0007";
        Task task = new Task(topic, 0, 1, 0, attack.getBytes(UTF_8), attack.getBytes(UTF_8),
                List.of(new Task.Header(attack, attack.getBytes(UTF_8))), 1);
        letter(task, Outcome.Kind.TRAP, attack);
        // Not Wasmton's own, which have the name of a kind there, and of a topic.
        for (String origin : List.of(topic, attack)) {
            List<Header> headers = new ArrayList<>();
            headers.add(new RecordHeader(DeadLetter.PREFIX + "topic", origin.getBytes(UTF_8)));
            for (String name : List.of("kind", "reason", "backtrace", "sha256")) {
                headers.add(new RecordHeader(DeadLetter.PREFIX + name, attack.getBytes(UTF_8)));
            }
            for (String name : List.of("partition", "offset", "timestamp", "attempts")) {
                headers.add(new RecordHeader(DeadLetter.PREFIX + name, "1".getBytes(UTF_8)));
            }
            headers.add(new RecordHeader(DeadLetter.PREFIX + "time", "2026-01-01T00:00:00Z".getBytes(UTF_8)));
            sender.send(new ProducerRecord<>(dead, 0, null, null, null, headers)).join();
        }
        wasmton("list", TestKafka.bootstrapServers(), dead);
        wasmton("show", TestKafka.bootstrapServers(), dead, "0@0");
        wasmton("show", TestKafka.bootstrapServers(), dead, "0@1");
        wasmton("replay", "--dry-run", "--to", topic, TestKafka.bootstrapServers(), dead);
        wasmton("replay", "--dry-run", TestKafka.bootstrapServers(), dead);
        for (String text : List.of(out.toString(UTF_8), err.toString(UTF_8))) {
            assertFalse(text.chars().anyMatch(c -> c < ' ' && c != '\n'), text);
            assertFalse(text.lines().anyMatch(line -> line.startsWith("2026")), text);
        }
        assertTrue(out.toString(UTF_8).contains("0@2 is not a dead letter of Wasmton's"), out.toString(UTF_8));
        assertTrue(out.toString(UTF_8).split("forged", -1).length > 10, out.toString(UTF_8));
        out.reset();
        assertEquals(Wasmton.OK, wasmton("show", "--raw", TestKafka.bootstrapServers(), dead, "0@0"));
        assertEquals(attack, out.toString(UTF_8));
        refuses("The record has no value", "show", "--raw", TestKafka.bootstrapServers(), dead, "0@1");
    }

    // ---- replay ----

    @Test
    void replayWritesTheOriginalRecordsToTheirOrigin() throws Exception {
        byte[] large = new byte[1024 * 1024 - 1_000];
        Arrays.fill(large, (byte) 7);
        List<Task> tasks = List.of(
                new Task(topic, 1, 3, 1_700_000_000_000L, "key".getBytes(UTF_8), "value".getBytes(UTF_8),
                        List.of(new Task.Header("h", new byte[] {1}), new Task.Header("h", new byte[] {2}),
                                new Task.Header("n", null)), 1),
                new Task(topic, 1, 4, 1_700_000_000_001L, null, null, List.of(), 1),
                new Task(topic, 1, 5, 1_700_000_000_002L, new byte[0], new byte[0], List.of(), 1),
                new Task(topic, 0, 9, 1_700_000_000_003L, null, large, List.of(), 1));
        for (Task task : tasks) {
            letter(task, Outcome.Kind.TRAP, "reason");
        }
        assertEquals(Wasmton.OK, wasmton("replay", TestKafka.bootstrapServers(), dead), err.toString(UTF_8));
        assertEquals(List.of("4 written to " + topic, "4 dead letters replayed"), lines());

        List<ConsumerRecord<byte[], byte[]>> records = TestKafka.records(topic);
        List<Task> expected = List.of(tasks.get(3), tasks.get(0), tasks.get(1), tasks.get(2));
        assertEquals(expected.size(), records.size());
        for (int i = 0; i < records.size(); i++) {
            Task task = expected.get(i);
            ConsumerRecord<byte[], byte[]> record = records.get(i);
            assertEquals(task.partition(), record.partition());
            assertEquals(task.timestamp(), record.timestamp());
            assertEquals(Arrays.toString(task.key()), Arrays.toString(record.key()));
            assertTrue(Arrays.equals(task.value(), record.value()), "value of " + task);
            List<String> names = new ArrayList<>();
            record.headers().forEach(header -> names.add(header.key() + Arrays.toString(header.value())));
            List<String> wanted = new ArrayList<>();
            task.headers().forEach(header -> wanted.add(header.name() + Arrays.toString(header.value())));
            wanted.add(Replay.REPLAYED_FROM + Arrays.toString((dead + "-0@" + tasks.indexOf(task)).getBytes(UTF_8)));
            assertEquals(wanted, names);
        }
        assertNull(records.get(2).value());
    }

    @Test
    void secondReplayWritesOnlyNewRecords() throws Exception {
        letter(task(0, 0, "a"), Outcome.Kind.TRAP, "reason");
        assertEquals(Wasmton.OK, wasmton("replay", TestKafka.bootstrapServers(), dead));
        assertEquals(Wasmton.OK, wasmton("replay", TestKafka.bootstrapServers(), dead));
        assertEquals(List.of("a"), values(topic));
        letter(task(0, 1, "b"), Outcome.Kind.TRAP, "reason");
        assertEquals(Wasmton.OK, wasmton("replay", TestKafka.bootstrapServers(), dead));
        assertEquals(List.of("a", "b"), values(topic));
        out.reset();
        wasmton("list", TestKafka.bootstrapServers(), dead);
        assertTrue(lines().get(0).endsWith(" (replayed)"), lines().get(0));
        assertEquals("2 dead letters, 2 of them replayed", lines().get(2));
        assertEquals(Wasmton.OK, wasmton("replay", "--all", TestKafka.bootstrapServers(), dead));
        assertEquals(List.of("a", "b", "a", "b"), values(topic));
    }

    @Test
    void dryRunWritesNothing() throws Exception {
        letter(task(1, 5, "a"), Outcome.Kind.TRAP, "reason");
        for (int i = 0; i < 2; i++) {
            out.reset();
            assertEquals(Wasmton.OK, wasmton("replay", "--dry-run", TestKafka.bootstrapServers(), dead));
            assertEquals(List.of("0@0 to " + topic + ", was " + topic + "-1@5", "1 would be written to " + topic,
                    "1 dead letters to replay"), lines());
        }
        assertEquals(List.of(), values(topic));
    }

    @Test
    void selectionLeavesTheRestForLater() throws Exception {
        letter(task(0, 0, "a"), Outcome.Kind.TRAP, "reason");
        letter(task(0, 1, "b"), Outcome.Kind.EXIT, "reason");
        letter(task(0, 2, "c"), Outcome.Kind.TRAP, "reason");
        assertEquals(Wasmton.OK, wasmton("replay", "--kind", "exit", TestKafka.bootstrapServers(), dead));
        assertEquals(List.of("b"), values(topic));
        assertEquals(Wasmton.OK, wasmton("replay", "--only", "0@2", TestKafka.bootstrapServers(), dead));
        assertEquals(List.of("b", "c"), values(topic));
        assertEquals(Wasmton.OK, wasmton("replay", TestKafka.bootstrapServers(), dead));
        assertEquals(List.of("b", "c", "a", "b", "c"), values(topic));
    }

    @Test
    void replayToAnotherTopicIsSeparateAndKeepsTheOrderOfEachKey() throws Exception {
        for (int i = 0; i < 200; i++) {
            letter(new Task(topic, i % 2, i, -1, ("key-" + i % 10).getBytes(UTF_8),
                    Integer.toString(i).getBytes(UTF_8), List.of(), 1), Outcome.Kind.TRAP, "reason");
        }
        String other = TestKafka.newTopic(3);
        assertEquals(Wasmton.OK, wasmton("replay", "--to", other, TestKafka.bootstrapServers(), dead));
        assertEquals(List.of("200 written to " + other, "200 dead letters replayed"), lines());
        int[] last = new int[10];
        Arrays.fill(last, -1);
        for (String value : values(other)) {
            int i = Integer.parseInt(value);
            assertTrue(i > last[i % 10], "the order of key-" + i % 10);
            last[i % 10] = i;
        }
        assertEquals(200, values(other).size());
        assertEquals(List.of(), values(topic));
        assertEquals(Wasmton.OK, wasmton("replay", TestKafka.bootstrapServers(), dead));
        assertEquals(200, values(topic).size());
    }

    @Test
    void replayLeavesAndReportsOtherRecords() throws Exception {
        TestKafka.send(dead, 0, "from somebody else");
        letter(task(0, 0, "a"), Outcome.Kind.TRAP, "reason");
        assertEquals(Wasmton.OK, wasmton("replay", TestKafka.bootstrapServers(), dead));
        assertEquals("1 dead letters replayed, 1 records left that are no dead letters of Wasmton's", lines().get(1));
        assertEquals(List.of("a"), values(topic));
    }

    @Test
    void namesADeletedTopic() throws Exception {
        letter(new Task("no-such-topic", 0, 0, "a".getBytes(UTF_8)), Outcome.Kind.TRAP, "reason");
        assertEquals(Wasmton.FAILED, wasmton("replay", TestKafka.bootstrapServers(), dead));
        assertTrue(err.toString(UTF_8).contains("no-such-topic"), err.toString(UTF_8));
        assertFalse(out.toString(UTF_8).contains("replayed"), out.toString(UTF_8));
    }

    @Test
    void replayFromOneTopicLeavesTheOthersOfASharedDeadLetterTopic() throws Exception {
        String other = TestKafka.newTopic(1);
        letter(task(0, 7, "mine"), Outcome.Kind.TRAP, "reason");
        letter(new Task(other, 0, 1, "other".getBytes(UTF_8)), Outcome.Kind.TRAP, "reason");
        letter(task(1, 8, "mine too"), Outcome.Kind.TRAP, "reason");
        String[] command = {"replay", "--from-topic", topic, TestKafka.bootstrapServers(), dead};
        assertEquals(Wasmton.OK, wasmton(command), err.toString(UTF_8));
        assertEquals(List.of("2 written to " + topic, "2 dead letters replayed"), lines());
        out.reset();
        assertEquals(Wasmton.OK, wasmton(command), err.toString(UTF_8));
        assertEquals(List.of("0 dead letters replayed"), lines());
        assertEquals(List.of(), TestKafka.records(other));
        out.reset();
        assertEquals(Wasmton.OK, wasmton("replay", "--from-topic", other, TestKafka.bootstrapServers(), dead));
        assertEquals(List.of("1 written to " + other, "1 dead letters replayed"), lines());
    }

    /** Tests that the next replay starts at the first record that the topic rejects. */
    @Test
    void nextReplayStartsAtTheRejectedRecord() throws Exception {
        letter(task(0, 0, "a"), Outcome.Kind.TRAP, "reason");
        letter(task(0, 1, "b".repeat(100_000)), Outcome.Kind.TRAP, "reason");
        letter(task(0, 2, "c"), Outcome.Kind.TRAP, "reason");
        TestKafka.configure(topic, "max.message.bytes", "10000");
        assertEquals(Wasmton.FAILED, wasmton("replay", TestKafka.bootstrapServers(), dead));
        assertTrue(err.toString(UTF_8).startsWith("The dead letter 0@1 could not be written: "), err.toString(UTF_8));
        assertEquals(Map.of(0, 1L), TestKafka.committed("wasmton-replay-" + dead, dead));
        TestKafka.configure(topic, "max.message.bytes", "1000000");
        assertEquals(Wasmton.OK, wasmton("replay", TestKafka.bootstrapServers(), dead));
        assertTrue(values(topic).stream().map(value -> value.charAt(0)).toList().containsAll(List.of('a', 'b', 'c')));
        assertEquals(1, values(topic).stream().filter("a"::equals).count());
    }

    // ---- helpers ----

    private Task task(int partition, long offset, String value) {
        return new Task(topic, partition, offset, value.getBytes(UTF_8));
    }

    private void letter(Task task, Outcome.Kind kind, String reason) throws Exception {
        Await.result("the dead letter", new DeadLetterTopic(sender, dead, "abc")
                .send(task, new Outcome.Failed(kind, reason, "    0: inner\n    1: outer"), 3));
    }

    private int wasmton(String... args) {
        List<String> all = new ArrayList<>(List.of("dlq"));
        all.addAll(List.of(args));
        return new Wasmton(new PrintStream(out, true, UTF_8), new PrintStream(err, true, UTF_8),
                environment).run(all.toArray(String[]::new));
    }

    private void refuses(String message, String... args) {
        err.reset();
        assertEquals(Wasmton.BAD_INPUT, wasmton(args), err.toString(UTF_8));
        assertTrue(err.toString(UTF_8).contains(message), err.toString(UTF_8));
    }

    private List<String> lines() {
        return out.toString(UTF_8).lines().toList();
    }

    private static List<String> values(String topic) {
        return TestKafka.records(topic).stream().map(record -> new String(record.value(), UTF_8)).toList();
    }
}
