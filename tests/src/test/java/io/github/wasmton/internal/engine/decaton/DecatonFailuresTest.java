package io.github.wasmton.internal.engine.decaton;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import com.linecorp.decaton.processor.DecatonProcessor;
import com.linecorp.decaton.processor.ProcessingContext;
import com.linecorp.decaton.processor.runtime.ProcessorScope;
import com.linecorp.decaton.processor.runtime.ProcessorSubscription;
import com.linecorp.decaton.processor.runtime.ProcessorsBuilder;
import com.linecorp.decaton.processor.runtime.RetryConfig;
import com.linecorp.decaton.processor.runtime.SubscriptionBuilder;

import io.github.wasmton.guest.Task;
import io.github.wasmton.internal.engine.Decision;
import io.github.wasmton.internal.engine.EngineConfig;
import io.github.wasmton.internal.engine.TaskProcessor;
import io.github.wasmton.internal.kafka.KafkaSettings;
import io.github.wasmton.testing.Await;
import io.github.wasmton.testing.TestKafka;

/**
 * Tests Decaton's own reaction to each failure, and the engine's. The first half would fail if Decaton, or its fake
 * where the artefact does not resolve, behaved otherwise than the engine relies on.
 */
class DecatonFailuresTest {
    private final Queue<String> seen = new ConcurrentLinkedQueue<>();
    private String topic;
    private String group;

    @BeforeEach
    void newTopic() {
        topic = TestKafka.newTopic(1);
        group = "group-" + topic;
    }

    // ---- Decaton alone ----

    @Test
    void decatonCommitsATaskWhoseProcessorThrew() throws Exception {
        TestKafka.send(topic, 0, "a", "fails", "b");
        alone((context, task) -> {
            if (task.equals("fails")) {
                throw new IllegalStateException("thrown by the test");
            }
        }, 3, Map.of(0, 3L));
    }

    @Test
    void decatonCommitsATaskWhoseProcessorWasInterrupted() throws Exception {
        TestKafka.send(topic, 0, "a", "fails", "b");
        alone((context, task) -> {
            if (task.equals("fails")) {
                throw new InterruptedException("thrown by the test");
            }
        }, 3, Map.of(0, 3L));
    }

    @Test
    void decatonDropsATombstoneBeforeAnyProcessorAndCommitsIt() throws Exception {
        TestKafka.send(topic, 0, "a");
        TestKafka.send(topic, 0, null, (byte[]) null);
        TestKafka.send(topic, 0, "b");
        alone((context, task) -> { }, 2, Map.of(0, 3L));
        assertEquals(List.of("a", "b"), List.copyOf(seen));
    }

    @Test
    void decatonCommitsNothingFromAnOpenTaskOn() throws Exception {
        TestKafka.send(topic, 0, "a", "left open", "b");
        alone((context, task) -> {
            if (task.equals("left open")) {
                context.deferCompletion();
            }
        }, 3, Map.of(0, 1L));
        seen.clear();
        alone((context, task) -> { }, 2, Map.of(0, 3L));
        assertEquals(List.of("left open", "b"), List.copyOf(seen), "it comes again");
    }

    /** Wasmton writes retries itself for this reason: see docs/decaton.md. */
    @Test
    void decatonCommitsATaskWhoseRetryItsTopicRefused() throws Exception {
        String retries = TestKafka.newTopic(1);
        TestKafka.configure(retries, "max.message.bytes", "10");
        TestKafka.send(topic, 0, "a", "fails", "b");
        alone(builder -> builder.enableRetry(RetryConfig.builder().retryTopic(retries).backoff(Duration.ofMillis(1))
                .build()), (context, task) -> {
                    if (task.equals("fails")) {
                        context.retry();
                    }
                }, 3, Map.of(0, 3L));
        assertEquals(List.of(), TestKafka.records(retries), "it is lost");
    }

    private interface Body {
        void process(ProcessingContext<byte[]> context, String task) throws InterruptedException;
    }

    /** Runs until that number of tasks was seen, closes, and returns the committed offsets. */
    private void alone(Body body, int tasks, Map<Integer, Long> committed) throws Exception {
        alone(builder -> builder, body, tasks, committed);
    }

    private void alone(UnaryOperator<SubscriptionBuilder> options, Body body, int tasks, Map<Integer, Long> committed)
            throws Exception {
        Supplier<DecatonProcessor<byte[]>> processors = () -> new DecatonProcessor<>() {
            @Override
            public void process(ProcessingContext<byte[]> context, byte[] task) throws InterruptedException {
                String text = new String(task, UTF_8);
                seen.add(text);
                body.process(context, text);
            }

            @Override
            public void close() {}
        };
        Properties consumer = new Properties();
        consumer.setProperty("bootstrap.servers", TestKafka.bootstrapServers());
        consumer.setProperty("group.id", group);
        consumer.setProperty("auto.offset.reset", "earliest");
        ProcessorSubscription subscription = options.apply(SubscriptionBuilder.newBuilder("test"))
                .consumerConfig(consumer)
                .processorsBuilder(ProcessorsBuilder.consuming(topic, new ByteArrayDeserializer())
                        .thenProcess(processors, ProcessorScope.THREAD))
                .buildAndStart();
        try {
            Await.until(tasks + " tasks", () -> seen.size() == tasks);
            if (committed.get(0) == 3) {
                Await.until("the commit", () -> committed.equals(TestKafka.committed(group, topic)));
            }
        } finally {
            subscription.asyncClose().get(Await.LIMIT.toSeconds(), TimeUnit.SECONDS);
        }
        assertEquals(committed, TestKafka.committed(group, topic));
    }

    // ---- the engine on top of it ----

    @Test
    void engineLeavesATaskOpenThatAProcessorThrewAt() throws Exception {
        TestKafka.send(topic, 0, "a", "fails", "b");
        engine(task -> {
            if (text(task).equals("fails")) {
                throw new IllegalStateException("thrown by the test");
            }
            return Decision.COMPLETE;
        }, "a task failed", Map.of(0, 1L));
    }

    @Test
    void engineHandsATombstoneOver() throws Exception {
        TestKafka.send(topic, 0, null, (byte[]) null);
        TestKafka.send(topic, 0, "ends it");
        engine(task -> task.value() == null ? Decision.COMPLETE : Decision.STOP, "a task failed", Map.of(0, 1L));
    }

    @Test
    void engineLeavesAbandonedTasksAndTheirSuccessorsOpen() throws Exception {
        TestKafka.send(topic, 0, "a", "abandoned", "b");
        DecatonEngine engine = new DecatonEngine(config(() -> processor(
                task -> text(task).equals("abandoned") ? Decision.ABANDON : Decision.COMPLETE)));
        try (engine) {
            engine.start();
            Await.until("two tasks", () -> seen.size() == 2);
            engine.close();
        }
        assertEquals(List.of("a", "abandoned"), List.copyOf(seen));
        assertTrue(!engine.ended().isDone(), "it is no failure");
        assertEquals(Map.of(0, 1L), TestKafka.committed(group, topic));
    }

    @Test
    void engineLeavesTheGroupWhenAProcessorCannotBeMade() throws Exception {
        TestKafka.send(topic, 0, "a");
        DecatonEngine engine = new DecatonEngine(config(() -> {
            throw new IllegalStateException("thrown by the test");
        }));
        try (engine) {
            engine.start();
            String reason = Await.result("the engine to end", engine.ended());
            assertEquals("a processor could not be made: java.lang.IllegalStateException: thrown by the test", reason);
            assertTrue(engine.close(Await.LIMIT), "closed in time");
        }
        assertEquals(Map.of(), TestKafka.committed(group, topic));
        // A member that stayed would keep the partition from the next one for 45 s.
        engine(task -> Decision.STOP, "a task failed", Map.of());
    }

    private void engine(Function<Task, Decision> body, String ended, Map<Integer, Long> committed) throws Exception {
        try (DecatonEngine engine = new DecatonEngine(config(() -> processor(body)))) {
            engine.start();
            assertEquals(ended, Await.result("the engine to end", engine.ended()));
            assertTrue(engine.close(Await.LIMIT), "closed in time");
        }
        assertEquals(committed, TestKafka.committed(group, topic));
    }

    private EngineConfig config(Supplier<TaskProcessor> processors) {
        return new EngineConfig(TestKafka.bootstrapServers(), topic, group, 1, KafkaSettings.NONE, processors);
    }

    private TaskProcessor processor(Function<Task, Decision> body) {
        return new TaskProcessor() {
            @Override
            public Decision process(Task task) {
                seen.add(text(task));
                return body.apply(task);
            }

            @Override
            public void close() {}
        };
    }

    private static String text(Task task) {
        return task.value() == null ? "null" : new String(task.value(), UTF_8);
    }
}
