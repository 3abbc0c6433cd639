package io.github.wasmton.internal.engine.streams;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import ch.qos.logback.classic.Level;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import io.github.wasmton.failure.FailureOptions;
import io.github.wasmton.guest.GuestModule;
import io.github.wasmton.guest.GuestOptions;
import io.github.wasmton.guest.OutputAccess;
import io.github.wasmton.internal.engine.BatchConfig;
import io.github.wasmton.internal.engine.Engine;
import io.github.wasmton.internal.engine.EngineConfig;
import io.github.wasmton.internal.kafka.KafkaSettings;
import io.github.wasmton.internal.run.RunContext;
import io.github.wasmton.internal.run.TaskRunner;
import io.github.wasmton.testing.Await;
import io.github.wasmton.testing.LogCapture;
import io.github.wasmton.testing.TestKafka;
import io.github.wasmton.testing.Wasm;

/** Tests the outputs of guests that leave through the topology, as readers of committed records see them. */
class ExactlyOnceOutputsTest {
    private static final FailureOptions HASTY = FailureOptions.DEFAULT.withAttempts(2)
            .withBackoff(Duration.ZERO, Duration.ZERO);

    private final LogCapture log = new LogCapture("io.github.wasmton.internal.run.FailureLog", Level.WARN);
    private final String tasks = TestKafka.newTopic(1);
    private final String topic = TestKafka.newTopic(4);
    private final String dead = TestKafka.newTopic(2);
    private GuestModule module;
    private RunContext context;

    private Engine start() {
        return start("probe");
    }

    private Engine start(String guest) {
        module = GuestModule.load(Wasm.built(guest), GuestOptions.DEFAULT.withOutputs(OutputAccess.to(topic)));
        context = RunContext.of(module, HASTY.withDeadLetterTopic(dead),
                Map.of("bootstrap.servers", TestKafka.bootstrapServers()));
        BatchConfig batches = module.takesBatches() ? new BatchConfig(20, Duration.ofMillis(50)) : null;
        Engine engine = new StreamsEngineType().create(new EngineConfig(TestKafka.bootstrapServers(), tasks,
                "group-" + tasks, 1, KafkaSettings.NONE, () -> new TaskRunner(module, context)).withExactlyOnce(true)
                .withBatches(batches));
        engine.start();
        return engine;
    }

    @AfterEach
    void close() {
        log.close();
        context.close();
        module.close();
    }

    @Test
    void everyPartOfARecordArrives() throws Exception {
        TestKafka.send(tasks, 0, "produce-whole " + topic + " 3");
        try (Engine engine = start()) {
            Await.until("the record", () -> TestKafka.records(topic).size() == 1);
            assertTrue(engine.close(Await.LIMIT), "closed in time");
        }
        ConsumerRecord<byte[], byte[]> record = TestKafka.records(topic).get(0);
        assertEquals(3, record.partition());
        assertEquals(1_700_000_000_123L, record.timestamp());
        assertArrayEquals("key".getBytes(UTF_8), record.key());
        assertNull(record.value());
        assertEquals(List.of("one", "one", "\u00e9"),
                Stream.of(record.headers().toArray()).map(header -> header.key()).toList());
        assertNull(record.headers().toArray()[1].value());
    }

    @Test
    void failedAttemptsSendNothingButTheDeadLetter() throws Exception {
        TestKafka.send(tasks, 0, "produce-and-retry " + topic + " lost", "produce-and-panic " + topic + " lost",
                "produce " + topic + " kept");
        try (Engine engine = start()) {
            Await.until("the last record", () -> !TestKafka.records(topic).isEmpty());
            assertTrue(engine.close(Await.LIMIT), "closed in time");
        }
        assertEquals(List.of("kept"), values(topic));
        assertEquals(List.of("produce-and-retry " + topic + " lost", "produce-and-panic " + topic + " lost"),
                values(dead));
    }

    @Test
    void eachTaskOfABatchHasItsOwnOutputsOrDeadLetter() throws Exception {
        TestKafka.send(tasks, 0, "produce " + topic + " a", "dead-letter b", "undo " + topic, "panic",
                "produce " + topic + " c");
        try (Engine engine = start("probe-batch")) {
            Await.until("the last record", () -> TestKafka.records(topic).size() == 2);
            assertTrue(engine.close(Await.LIMIT), "closed in time");
        }
        assertEquals(List.of("a", "c"), values(topic).stream().sorted().toList());
        assertEquals(List.of("dead-letter b", "panic"), values(dead).stream().sorted().toList());
        assertEquals(Map.of(0, 5L), TestKafka.committed("group-" + tasks, tasks));
    }

    @Test
    void recordForAMissingPartitionFailsItsTask() throws Exception {
        TestKafka.send(tasks, 0, "produce-whole " + topic + " 7");
        try (Engine engine = start()) {
            assertEquals("a task failed", Await.result("the engine to end", engine.ended()));
            assertTrue(engine.close(Await.LIMIT), "closed in time");
        }
        assertTrue(log.lines().get(0).contains("the topic " + topic + " has no partition 7"), log.lines()::toString);
    }

    @ParameterizedTest
    @ValueSource(strings = {"probe", "probe-batch"})
    void stopAbortsAndTheNextStartRepeatsWithoutATrace(String guest) throws Exception {
        int count = 500;
        TestKafka.send(tasks, 0, IntStream.range(0, count).mapToObj(i -> "produce " + topic + ' ' + i)
                .toArray(String[]::new));
        TestKafka.send(tasks, 0, "fatal");
        for (int start = 0; start < 2; start++) {
            try (Engine engine = start(guest)) {
                assertEquals("a task failed", Await.result("the last task to stop everything", engine.ended()));
                assertTrue(engine.close(Await.LIMIT), "closed in time");
            }
            long committed = TestKafka.committed("group-" + tasks, tasks).getOrDefault(0, 0L);
            assertEquals(IntStream.range(0, (int) committed).mapToObj(Integer::toString).sorted().toList(),
                    values(topic).stream().sorted().toList());
            context.close();
            module.close();
        }
    }

    @Test
    void refusedRecordEndsItWithASentence() throws Exception {
        TestKafka.configure(topic, "max.message.bytes", "1000");
        TestKafka.send(tasks, 0, "produce-of-size " + topic + " 1 5000");
        try (Engine engine = start()) {
            String reason = Await.result("the engine to end", engine.ended());
            assertTrue(reason.startsWith("The topic '" + topic + "' did not take a record that a task of " + tasks
                    + "-0 produced: "), reason);
            assertTrue(engine.close(Await.LIMIT), "closed in time");
        }
        assertEquals(Map.of(), TestKafka.committed("group-" + tasks, tasks));
    }

    private static List<String> values(String topic) {
        return TestKafka.records(topic).stream().map(record -> new String(record.value(), UTF_8)).toList();
    }
}
