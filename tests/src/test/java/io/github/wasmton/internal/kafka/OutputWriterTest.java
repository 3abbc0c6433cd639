package io.github.wasmton.internal.kafka;

import static io.github.wasmton.testing.TestGuests.guest;
import static io.github.wasmton.testing.TestGuests.task;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import io.github.wasmton.failure.FailurePolicy;
import io.github.wasmton.failure.FailureOptions;
import io.github.wasmton.guest.GuestModule;
import io.github.wasmton.guest.GuestOptions;
import io.github.wasmton.guest.GuestPool;
import io.github.wasmton.guest.Outcome;
import io.github.wasmton.guest.Output;
import io.github.wasmton.guest.OutputAccess;
import io.github.wasmton.internal.engine.Decision;
import io.github.wasmton.internal.engine.Engine;
import io.github.wasmton.internal.engine.EngineConfig;
import io.github.wasmton.internal.engine.streams.StreamsEngine;
import io.github.wasmton.internal.run.RunContext;
import io.github.wasmton.internal.run.AsyncTaskRunner;
import io.github.wasmton.internal.run.TaskRunner;
import io.github.wasmton.internal.stats.TaskCounters;
import io.github.wasmton.testing.Await;
import io.github.wasmton.testing.TestKafka;
import io.github.wasmton.testing.TopicContents;

/** Tests records of tasks with a real Kafka. OutputTest tests topics and limits. */
class OutputWriterTest {
    private static final FailureOptions HASTY = FailureOptions.DEFAULT.withAttempts(2)
            .withBackoff(Duration.ZERO, Duration.ZERO);

    private GuestModule module;
    private RunContext failures;

    @AfterEach
    void close() {
        if (failures != null) {
            failures.close();
        }
        module.close();
    }

    private TaskRunner runner(FailureOptions options, String... topics) {
        module = GuestModule.load(guest("probe"), GuestOptions.DEFAULT.withOutputs(OutputAccess.to(topics)));
        failures = RunContext.of(module, options,
                Map.of("bootstrap.servers", TestKafka.bootstrapServers(), "max.block.ms", "1000"));
        return new TaskRunner(module, failures);
    }

    @Test
    void tasksAreCompleteOnceKafkaHasTheirOutputs() {
        String one = TestKafka.newTopic(1);
        String other = TestKafka.newTopic(1);
        try (TaskRunner runner = runner(HASTY, one, other)) {
            assertEquals(Decision.COMPLETE, runner.process(task("produce " + one + " a b c")));
            assertEquals(List.of("a", "b", "c"), TopicContents.values(one), "and in that order");
            assertEquals(Decision.COMPLETE, runner.process(task("produce " + other + " d")));
            assertEquals(Decision.COMPLETE, runner.process(task("nothing")));
            assertEquals(List.of("d"), TopicContents.values(other));
        }
    }

    @Test
    void everyPartOfARecordArrives() {
        String topic = TestKafka.newTopic(4);
        try (TaskRunner runner = runner(HASTY, topic)) {
            assertEquals(Decision.COMPLETE, runner.process(task("produce-whole " + topic + " 3")));
        }
        ConsumerRecord<byte[], byte[]> record = TopicContents.of(topic).get(0);
        assertEquals(3, record.partition());
        assertEquals(1_700_000_000_123L, record.timestamp());
        assertArrayEquals("key".getBytes(UTF_8), record.key());
        assertNull(record.value());
        assertEquals(List.of("one", "one", "\u00e9"),
                Stream.of(record.headers().toArray()).map(header -> header.key()).toList());
        assertNull(record.headers().toArray()[1].value());
    }

    @Test
    void failedAttemptsSendNothing() {
        String topic = TestKafka.newTopic(1);
        try (TaskRunner runner = runner(HASTY, topic)) {
            for (String task : List.of("produce-and-retry ", "produce-and-panic ")) {
                assertEquals(Decision.STOP, runner.process(task(task + topic + " lost")));
            }
            assertEquals(Decision.COMPLETE, runner.process(task("produce " + topic + " kept")));
        }
        assertEquals(List.of("kept"), TopicContents.values(topic));
    }

    @Test
    void recordsThatTheBrokerRefusesFail() throws Exception {
        String topic = TestKafka.newTopic(1) + "-small";
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", TestKafka.bootstrapServers()))) {
            admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1)
                    .configs(Map.of("max.message.bytes", "1000")))).all().get();
        }
        try (TaskRunner runner = runner(HASTY, topic)) {
            assertEquals(Decision.STOP, runner.process(task("produce-of-size " + topic + " 1 5000")));
            String reason = refusal(topic, 5000);
            assertTrue(reason.startsWith("the topic " + topic + " did not take what the task produced: "), reason);
        }
        assertEquals(List.of(), TopicContents.values(topic));
    }

    @Test
    void recordsForMissingPartitionsFail() {
        String topic = TestKafka.newTopic(1);
        try (TaskRunner runner = runner(HASTY.withAttempts(1), topic)) {
            assertEquals(Decision.STOP, runner.process(task("produce-whole " + topic + " 7")));
            assertEquals(Decision.STOP, runner.process(task("produce-whole " + topic + " 4294967295")));
        }
        assertEquals(List.of(), TopicContents.of(topic));
    }

    @Test
    void concurrentTasksAreCompleteOnceKafkaHasTheirOutputs() throws Exception {
        String topic = TestKafka.newTopic(1);
        runner(HASTY, topic).close();
        try (AsyncTaskRunner runner = new AsyncTaskRunner(new GuestPool(module, 4), failures)) {
            List<CompletableFuture<Decision>> decisions = IntStream.range(0, 4)
                    .mapToObj(i -> runner.process(task("produce " + topic + ' ' + i))).toList();
            for (CompletableFuture<Decision> decision : decisions) {
                assertEquals(Decision.COMPLETE, Await.result("a task", decision));
            }
            assertEquals(List.of("0", "1", "2", "3"), TopicContents.values(topic).stream().sorted().toList());
            assertEquals(Decision.STOP, Await.result("a task",
                    runner.process(task("produce-whole " + topic + " 4294967295"))));
        }
        assertEquals(4, TopicContents.of(topic).size());
    }

    @Test
    void outputsWithoutAConnectionFail() {
        module = GuestModule.load(guest("probe"), GuestOptions.DEFAULT.withOutputs(OutputAccess.to("a")));
        String message = assertThrows(IllegalArgumentException.class,
                () -> RunContext.of(module, HASTY, Map.of())).getMessage();
        assertEquals("a connection to Kafka (bootstrap.servers) is needed to write to a; WasmtonRuntime.of takes its "
                + "settings", message);
        TaskCounters figures = new TaskCounters();
        failures = new RunContext(FailurePolicy.of(HASTY, figures::done), figures);
        try (TaskRunner runner = new TaskRunner(module, failures)) {
            assertEquals(Decision.STOP, runner.process(task("produce a 1")));
            assertTrue(refusal("a", 1).startsWith("there is no connection to Kafka"), refusal("a", 1));
        }
    }

    /** Returns the reason of a failure for a record of that size. */
    private String refusal(String topic, int length) {
        Output output = new Output(topic, null, null, null, new byte[length], List.of());
        return ((Outcome.Failed) failures.outputs().write(List.of(output)).join()).reason();
    }

    @Test
    void enginesCommitTasksWithTheirOutputs() throws Exception {
        String tasks = TestKafka.newTopic(1);
        String topic = TestKafka.newTopic(1);
        List<String> numbers = IntStream.range(0, 200).mapToObj(Integer::toString).toList();
        TestKafka.send(tasks, 0, numbers.stream().map(i -> "produce " + topic + ' ' + i).toArray(String[]::new));
        TestKafka.send(tasks, 0, "fatal");
        runner(HASTY, topic).close();
        EngineConfig config = new EngineConfig(TestKafka.bootstrapServers(), tasks, "group-" + tasks, 1,
                KafkaSettings.NONE, () -> new TaskRunner(module, failures));
        try (Engine engine = new StreamsEngine(config)) {
            engine.start();
            Await.result("the last task to stop everything", engine.ended());
            assertTrue(engine.close(Await.LIMIT), "closed in time");
        }
        assertEquals(numbers, TopicContents.values(topic));
        assertEquals(Map.of(0, 200L), TestKafka.committed("group-" + tasks, tasks));
    }
}
