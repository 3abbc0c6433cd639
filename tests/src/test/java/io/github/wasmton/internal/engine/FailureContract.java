package io.github.wasmton.internal.engine;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentMap;

import ch.qos.logback.classic.Level;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import io.github.wasmton.failure.FailureAction;
import io.github.wasmton.failure.FailureOptions.Threshold;
import io.github.wasmton.failure.FailureOptions;
import io.github.wasmton.guest.GuestModule;
import io.github.wasmton.guest.GuestOptions;
import io.github.wasmton.guest.Outcome;
import io.github.wasmton.guest.Task;
import io.github.wasmton.internal.kafka.DeadLetter;
import io.github.wasmton.internal.kafka.KafkaSettings;
import io.github.wasmton.internal.run.RunContext;
import io.github.wasmton.internal.run.TaskRunner;
import io.github.wasmton.testing.Await;
import io.github.wasmton.testing.Guests;
import io.github.wasmton.testing.LogCapture;
import io.github.wasmton.testing.TestKafka;
import io.github.wasmton.testing.Wasm;

/** Tests of failed tasks on every engine, with real guests and a real Kafka: nothing is lost. */
public abstract class FailureContract {
    private static final FailureOptions OPTIONS = FailureOptions.DEFAULT.withAttempts(2)
            .withBackoff(Duration.ofMillis(1), Duration.ofMillis(1)).withThreshold(new Threshold(1, 1_000, 20));

    private final GuestModule module =
            Wasm.guest(Guests.MISDEEDS, GuestOptions.DEFAULT.withDeadline(Duration.ofSeconds(1)));
    /** Keeps the lines of some thousand failures out of the log. */
    private final LogCapture log = new LogCapture("io.github.wasmton.internal.run.FailureLog", Level.WARN);
    private final Queue<RunContext> handlers = new ConcurrentLinkedQueue<>();
    /** Number of completions of each task, by its place. */
    private final ConcurrentMap<String, Integer> complete = new ConcurrentHashMap<>();
    private String topic;
    private String dead;
    private String group;

    /** The engine under test. */
    protected abstract Engine create(EngineConfig config);

    /** Returns whether a stop commits the tasks before it; if not, it aborts what was not committed yet. */
    protected boolean stopCommits() {
        return true;
    }

    /** Checks that a stop did not commit more than that number of tasks, and not less if it commits. */
    private void assertCommittedBeforeTheStop(long tasks) throws Exception {
        long committed = TestKafka.committed(group, topic).getOrDefault(0, 0L);
        assertTrue(stopCommits() ? committed == tasks : committed <= tasks, "committed up to " + committed);
    }

    @BeforeEach
    void newTopics() {
        topic = TestKafka.newTopic(2);
        dead = TestKafka.newTopic(2);
        group = "group-" + topic;
    }

    @AfterEach
    void close() {
        handlers.forEach(RunContext::close);
        log.close();
        module.close();
    }

    @Test
    void everyTaskEndsWhereTheOptionsSay() throws Exception {
        TestKafka.send(topic, 0, "good", "t", "e", "l", "m", "1", "2", "3", "9", "good");
        FailureOptions options = OPTIONS.withDeadLetterTopic(dead).withAction(Outcome.Kind.REFUSED, FailureAction.SKIP);
        RunContext failures = handler(options);
        try (Engine engine = start(1, failures)) {
            Await.until("every task", () -> complete.size() == 10);
            assertTrue(engine.close(Await.LIMIT), "closed in time");
            assertFalse(engine.ended().isDone(), "nothing stopped it");
        }
        assertEquals(Map.of(0, 10L), TestKafka.committed(group, topic));
        List<String> letters = TestKafka.records(dead).stream().map(record -> new String(record.value(), UTF_8) + ' '
                + DeadLetter.read(record).kind() + ' ' + DeadLetter.read(record).attempts() + ' '
                + DeadLetter.read(record).offset()).toList();
        assertEquals(List.of("t trap 2 1", "e exit 2 2", "l deadline 2 3", "1 retry 2 5", "2 dead-letter 1 6"),
                letters.stream().filter(letter -> !letter.startsWith("m")).toList());
        assertEquals(1, letters.stream().filter(letter -> letter.matches("m (trap|memory) 2 4")).count(), "memory");
        assertEquals(2, failures.counters().done());
        assertEquals(2, failures.counters().skipped());
        assertEquals(8, failures.counters().replaced(), "two attempts at each of four that do not return");
    }

    @Test
    void deadLetterHasTheContentOfItsRecord() throws Exception {
        byte[] large = new byte[1024 * 1024];
        Arrays.fill(large, (byte) '2');
        List<Header> headers = List.of(new RecordHeader("a", new byte[] {1}), new RecordHeader("a", new byte[0]),
                new RecordHeader("b", null), new RecordHeader("a", new byte[] {1}));
        // The topic takes what is a little more than the producer's record: a dead letter is larger than its task.
        TestKafka.configure(dead, "max.message.bytes", "2000000");
        TestKafka.configure(topic, "max.message.bytes", "2000000");
        byte[] key = "key".getBytes(UTF_8);
        List<ProducerRecord<byte[], byte[]>> produced = List.of(
                new ProducerRecord<>(topic, 0, 1L, key, "2".getBytes(UTF_8), headers),
                new ProducerRecord<>(topic, 0, 2L, null, "2".getBytes(UTF_8), List.of()),
                new ProducerRecord<>(topic, 0, 3L, new byte[0], large, headers),
                new ProducerRecord<>(topic, 0, 4L, key, null, headers),
                new ProducerRecord<>(topic, 0, 5L, key, new byte[0], List.of()));
        for (ProducerRecord<byte[], byte[]> record : produced) {
            TestKafka.send(record);
        }
        String refuses = Guests.MISDEEDS.replace("(else (i32.const 0))", "(else (i32.const 2))");
        try (GuestModule refusing = Wasm.guest(refuses, GuestOptions.DEFAULT);
             Engine engine = start(1, refusing, handler(OPTIONS.withDeadLetterTopic(dead)))) {
            Await.until("every task", () -> complete.size() == produced.size());
            assertTrue(engine.close(Await.LIMIT), "closed in time");
        }
        List<ConsumerRecord<byte[], byte[]>> letters = TestKafka.records(dead);
        assertEquals(produced.size(), letters.size());
        for (int i = 0; i < letters.size(); i++) {
            ProducerRecord<byte[], byte[]> was = produced.get(i);
            assertArrayEquals(was.key(), letters.get(i).key(), "key " + i);
            assertArrayEquals(was.value(), letters.get(i).value(), "value " + i);
            assertEquals(was.timestamp(), DeadLetter.read(letters.get(i)).timestamp());
            assertEquals(text(was.headers()), text(letters.get(i).headers()));
        }
    }

    private static List<String> text(Iterable<Header> headers) {
        List<String> texts = new ArrayList<>();
        headers.forEach(header -> {
            if (!header.key().startsWith(DeadLetter.PREFIX)) {
                texts.add(header.key() + Arrays.toString(header.value()));
            }
        });
        return texts;
    }

    @Test
    void taskWithoutADestinationStopsEverythingAndIsProcessedAgain() throws Exception {
        TestKafka.send(topic, 0, "good", "t", "good");
        for (int start = 0; start < 2; start++) {
            RunContext failures = handler(OPTIONS);
            try (Engine engine = start(1, failures)) {
                assertEquals("a task failed", Await.result("the engine to end", engine.ended()));
                assertTrue(engine.close(Await.LIMIT), "closed in time");
            }
            assertEquals("task " + topic + "-0@1 failed, and there is no dead-letter topic "
                    + "(FailureOptions.deadLetterTopic)", failures.settlement().stopReason());
            assertCommittedBeforeTheStop(1);
        }
        assertEquals(Set.of(topic + "-0@0"), complete.keySet());
        assertTrue(!stopCommits() || complete.get(topic + "-0@0") == 1, "came once");
    }

    @Test
    void rejectedDeadLetterStopsEverything() throws Exception {
        TestKafka.configure(dead, "max.message.bytes", "200");
        TestKafka.send(topic, 0, "good", "t", "good");
        RunContext failures = handler(OPTIONS.withDeadLetterTopic(dead));
        try (Engine engine = start(1, failures)) {
            String reason = Await.result("the engine to end", engine.ended());
            assertTrue(engine.close(Await.LIMIT), "closed in time");
            if (stopCommits()) {
                reason = failures.settlement().stopReason();
                assertTrue(reason.contains("the dead-letter topic " + dead + " did not take it"), reason);
            } else {
                assertTrue(reason.startsWith("The topic '" + dead + "' did not take a record that a task of " + topic
                        + "-0 produced: "), reason);
            }
        }
        assertCommittedBeforeTheStop(1);
        assertEquals(0, TestKafka.records(dead).size());
    }

    @Test
    void brokenGuestStopsEverythingBeforeTheTopicIsDrained() throws Exception {
        for (int i = 0; i < 50; i++) {
            TestKafka.sendAsync(topic, 0, null, "2".getBytes(UTF_8));
        }
        TestKafka.flush();
        RunContext failures = handler(OPTIONS.withDeadLetterTopic(dead).withThreshold(new Threshold(0.1, 1_000, 5)));
        try (Engine engine = start(1, failures)) {
            Await.result("the engine to end", engine.ended());
            assertTrue(engine.close(Await.LIMIT), "closed in time");
        }
        assertCommittedBeforeTheStop(4);
        assertEquals(TestKafka.committed(group, topic).getOrDefault(0, 0L), TestKafka.records(dead).size());
    }

    @Test
    void closeEndsTheBackoff() throws Exception {
        TestKafka.send(topic, 0, "good", "t", "good");
        RunContext failures = handler(OPTIONS.withBackoff(Duration.ofHours(1), Duration.ofHours(1)));
        try (Engine engine = start(1, failures)) {
            Await.until("the wait", () -> failures.counters().retried() == 1);
            failures.shutdown().begin();
            assertTrue(engine.close(Await.LIMIT), "closed in time");
            assertFalse(engine.ended().isDone(), "it is no failure");
        }
        assertCommittedBeforeTheStop(1);
        assertEquals(Map.of(topic + "-0@0", 1), complete, "nothing behind it is processed before it");
    }

    /** Runs two engines of one group, of which the second joins and leaves under load; one task in ten fails. */
    @Test
    void rebalanceUnderLoadLosesNothing() throws Exception {
        int count = 4_000;
        for (int i = 0; i < count; i++) {
            String value = i % 10 == 5 ? "t-" + i : "good-" + i;
            TestKafka.sendAsync(topic, i % 2, ("key-" + i % 50).getBytes(UTF_8), value.getBytes(UTF_8));
        }
        TestKafka.flush();
        RunContext failures = handler(OPTIONS.withDeadLetterTopic(dead));
        try (Engine first = start(2, failures)) {
            Await.until("a part of the tasks", () -> complete.size() > count / 10);
            RunContext others = handler(OPTIONS.withDeadLetterTopic(dead));
            try (Engine second = start(2, others)) {
                Await.until("the other engine's part", () -> others.counters().done() > 10 || complete.size() == count);
                assertTrue(second.close(Await.LIMIT), "closed in time");
            }
            Await.until("every task", () -> complete.size() == count);
            Await.until("the last commit",
                    () -> TestKafka.committed(group, topic).equals(Map.of(0, count / 2L, 1, count / 2L)));
            assertTrue(first.close(Await.LIMIT), "closed in time");
            assertFalse(first.ended().isDone(), "nothing stopped it");
        }
        List<String> letters = TestKafka.records(dead).stream().map(record -> new String(record.value(), UTF_8))
                .peek(value -> assertTrue(value.startsWith("t-"), value)).toList();
        assertEquals(count / 10, letters.stream().distinct().count());
        assertTrue(stopCommits() || letters.size() == count / 10, "each is there once, not " + letters.size());
    }

    // ---- for those engines that can ----

    /** Has a member join while a task of each partition waits for its next attempt, for longer than any test. */
    protected final void endWaitsOfPartitionsThatGo() throws Exception {
        TestKafka.send(topic, 0, "t");
        TestKafka.send(topic, 1, "t");
        FailureOptions patient = OPTIONS.withBackoff(Duration.ofHours(1), Duration.ofHours(1));
        RunContext ofFirst = handler(patient);
        RunContext ofSecond = handler(patient);
        try (Engine first = start(1, ofFirst)) {
            Await.until("the first wait", () -> ofFirst.counters().retried() == 1);
            try (Engine second = start(1, ofSecond)) {
                Await.until("a wait of the other member", () -> ofSecond.counters().retried() == 1);
                assertFalse(first.ended().isDone() || second.ended().isDone(), "it is no failure");
                ofFirst.shutdown().begin();
                ofSecond.shutdown().begin();
                assertTrue(second.close(Await.LIMIT), "closed in time");
            }
            assertTrue(first.close(Await.LIMIT), "closed in time");
        }
        assertEquals(Map.of(), TestKafka.committed(group, topic));
    }

    // ---- helpers ----

    private RunContext handler(FailureOptions options) {
        RunContext failures =
                RunContext.of(module, options, Map.of("bootstrap.servers", TestKafka.bootstrapServers()));
        handlers.add(failures);
        return failures;
    }

    private Engine start(int threads, RunContext failures) {
        return start(threads, module, failures);
    }

    private Engine start(int threads, GuestModule guest, RunContext failures) {
        Engine engine = create(new EngineConfig(TestKafka.bootstrapServers(), topic, group, threads,
                KafkaSettings.NONE, () -> new Counting(new TaskRunner(guest, failures))));
        engine.start();
        return engine;
    }

    /** Counts the completions of tasks. */
    private final class Counting implements TaskProcessor {
        private final TaskRunner runner;

        Counting(TaskRunner runner) {
            this.runner = runner;
        }

        @Override
        public Decision process(Task task) {
            Decision decision = runner.process(task);
            if (decision == Decision.COMPLETE) {
                complete.merge(task.toString(), 1, Integer::sum);
            }
            return decision;
        }

        @Override
        public Decision process(Task task, Effects effects) {
            Decision decision = runner.process(task, effects);
            if (decision == Decision.COMPLETE) {
                complete.merge(task.toString(), 1, Integer::sum);
            }
            return decision;
        }

        @Override
        public void endWait() {
            runner.endWait();
        }

        @Override
        public boolean isWaiting() {
            return runner.isWaiting();
        }

        @Override
        public void close() {
            runner.close();
        }
    }
}
