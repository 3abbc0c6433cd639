package io.github.wasmton.internal.engine.decaton;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Collections;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;

import org.junit.jupiter.api.Test;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;

import io.github.wasmton.failure.FailureOptions;
import io.github.wasmton.guest.GuestModule;
import io.github.wasmton.guest.GuestOptions;
import io.github.wasmton.guest.Task;
import io.github.wasmton.internal.engine.Decision;
import io.github.wasmton.internal.engine.EngineConfig;
import io.github.wasmton.internal.engine.TaskProcessor;
import io.github.wasmton.internal.kafka.KafkaSettings;
import io.github.wasmton.internal.run.RunContext;
import io.github.wasmton.internal.run.TaskRunner;
import io.github.wasmton.testing.Await;
import io.github.wasmton.testing.Guests;
import io.github.wasmton.testing.OnThread;
import io.github.wasmton.testing.TestKafka;
import io.github.wasmton.testing.Wasm;

/** Tests tasks in Decaton's queue: they start neither after the engine's close nor at another member's expense. */
class DecatonQueueTest {
    private final Queue<Long> begun = new ConcurrentLinkedQueue<>();
    private final CountDownLatch release = new CountDownLatch(1);

    @Test
    void closeStartsNoQueuedTasks() throws Exception {
        String topic = TestKafka.newTopic(1);
        TestKafka.send(topic, 0, "a", "b", "c", "d");
        closeWhile(topic, 1, () -> begun.size() == 1);
        assertEquals(1, begun.size(), begun::toString);
        assertEquals(Map.of(0, 1L), TestKafka.committed("group-" + topic, topic));
    }

    /** Tests that all tasks before a completed one are processed, or it would be processed again. */
    @Test
    void finishedTasksDoNotComeAgainAfterClose() throws Exception {
        String topic = TestKafka.newTopic(1);
        for (int i = 0; i < 20; i++) {
            TestKafka.send(topic, 0, ("key-" + i).getBytes(UTF_8), "x".getBytes(UTF_8));
        }
        // The thread that has offset 0 waits, the other one works off its queue.
        closeWhile(topic, 2, () -> begun.stream().mapToLong(offset -> offset).max().orElse(0) >= 15);
        long last = Collections.max(begun);
        assertEquals(begun.size(), begun.stream().distinct().count(), begun::toString);
        assertEquals(last + 1, begun.size(), begun::toString);
        assertEquals(Map.of(0, last + 1), TestKafka.committed("group-" + topic, topic));
    }

    private void closeWhile(String topic, int threads, Callable<Boolean> condition)
            throws Exception {
        AtomicBoolean closed = new AtomicBoolean();
        try (DecatonEngine engine = new DecatonEngine(config(topic, threads, new TaskProcessorOfTest()))) {
            engine.start();
            Await.until("the tasks to begin", condition);
            OnThread closing = OnThread.start("closing", () -> closed.set(engine.close(Await.LIMIT)));
            Await.until("the engine to close", () -> !engine.ready());
            release.countDown();
            closing.join();
        }
        assertTrue(closed.get(), "in time");
    }

    private final class TaskProcessorOfTest implements TaskProcessor {
        @Override
        public Decision process(Task task) {
            begun.add(task.offset());
            try {
                if (task.offset() == 0) {
                    OnThread.await(release, "the release");
                }
            } catch (InterruptedException e) {
                return Decision.ABANDON;
            }
            return Decision.COMPLETE;
        }

        @Override
        public void close() {}
    }

    private static EngineConfig config(String topic, int threads, TaskProcessor processor) {
        return new EngineConfig(TestKafka.bootstrapServers(), topic, "group-" + topic, threads, KafkaSettings.NONE,
                () -> processor);
    }

    /** Tests partitions whose tasks both wait an hour for their next attempt. */
    @Test
    void waitsBetweenAttemptsDoNotHoldUpARebalance() throws Exception {
        String topic = TestKafka.newTopic(2);
        TestKafka.send(topic, 0, "fails");
        TestKafka.send(topic, 1, "fails");
        FailureOptions options = FailureOptions.DEFAULT.withBackoff(Duration.ofHours(1), Duration.ofHours(1));
        try (GuestModule module = Wasm.guest(Guests.TRAPS_AT_F, GuestOptions.DEFAULT);
                RunContext one = RunContext.of(module, options, Map.of());
                RunContext two = RunContext.of(module, options, Map.of());
                DecatonEngine first = engine(topic, module, one);
                DecatonEngine second = engine(topic, module, two)) {
            first.start();
            Await.until("both tasks to wait", () -> one.counters().retried() == 2);
            second.start();
            Await.until("one task to come to the second member", () -> two.counters().retried() == 1);
            Await.until("the first member to keep one", () -> one.counters().inFlight() == 1);
            assertEquals(0, one.counters().failed());
            one.shutdown().begin();
            two.shutdown().begin();
        }
        assertEquals(Map.of(), TestKafka.committed("group-" + topic, topic));
    }

    @Test
    void showsDecatonsOwnMeters() throws Exception {
        String topic = TestKafka.newTopic(1);
        TestKafka.send(topic, 0, "a", "b", "c");
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        release.countDown();
        try (DecatonEngine engine = new DecatonEngine(config(topic, 1, new TaskProcessorOfTest()))) {
            engine.bindTo(registry);
            engine.start();
            Await.until("the tasks to be counted", () -> registry.find("decaton.tasks.processed").counters().stream()
                    .filter(counter -> topic.equals(counter.getId().getTag("topic"))).mapToDouble(Counter::count)
                    .sum() == 3);
        }
    }

    private static DecatonEngine engine(String topic, GuestModule module, RunContext context) {
        return new DecatonEngine(new EngineConfig(TestKafka.bootstrapServers(), topic, "group-" + topic, 1,
                KafkaSettings.NONE, () -> new TaskRunner(module, context)));
    }
}
