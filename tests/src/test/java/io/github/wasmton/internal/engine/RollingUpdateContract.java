package io.github.wasmton.internal.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.Test;

import io.github.wasmton.guest.Task;
import io.github.wasmton.internal.kafka.KafkaSettings;
import io.github.wasmton.testing.Await;
import io.github.wasmton.testing.TestKafka;

/**
 * A rolling update: a second member joins the group, and the first is closed as soon as the second is ready. No task
 * may be processed twice.
 */
public abstract class RollingUpdateContract {
    private static final int BACKLOG = 1_000;
    private static final int TASK_MILLIS = 20;
    private static final int AT_ONCE = 2;

    private final ConcurrentMap<String, AtomicInteger> times = new ConcurrentHashMap<>();
    private final Queue<String> members = new ConcurrentLinkedQueue<>();
    private final String topic = TestKafka.newTopic(2);
    private final String group = "group-" + topic;
    private int sent;

    /** The engine under test. */
    protected abstract Engine create(EngineConfig config);

    /** Returns further settings of the consumer. */
    protected Map<String, String> settings() {
        return Map.of();
    }

    @Test
    void oneTaskAtATimeComesOnce() throws Exception {
        update(false);
    }

    /** Updates an engine with many tasks in flight, if it can have that. */
    protected final void updateInFlight() throws Exception {
        update(true);
    }

    private void update(boolean inFlight) throws Exception {
        sendMore();
        try (Engine first = start("first", inFlight)) {
            Await.until("some tasks", () -> times.size() > 50);
            try (Engine second = start("second", inFlight)) {
                Await.until("the second to be ready", () -> {
                    sendMore();
                    return second.ready();
                });
                assertTrue(first.close(Await.LIMIT), "closed in time");
                Await.until("every task", () -> times.size() == sent);
                assertTrue(second.close(Await.LIMIT), "closed in time");
                assertFalse(first.ended().isDone() || second.ended().isDone(), "neither ended by itself");
            }
        }
        List<String> twice = times.entrySet().stream().filter(task -> task.getValue().get() > 1)
                .map(Map.Entry::getKey).sorted().toList();
        assertEquals(List.of(), twice, "came twice");
        assertTrue(members.contains("first") && members.contains("second"), "both had tasks");
        assertEquals(Map.of(0, sent / 2L, 1, sent / 2L), TestKafka.committed(group, topic));
    }

    /** Keeps tasks waiting, however long it takes. */
    private void sendMore() {
        while (sent - times.size() < BACKLOG) {
            TestKafka.send(topic, 0, "a task");
            TestKafka.send(topic, 1, "a task");
            sent += 2;
        }
    }

    private Engine start(String member, boolean inFlight) {
        KafkaSettings settings = KafkaSettings.NONE;
        for (Map.Entry<String, String> setting : settings().entrySet()) {
            settings = settings.withConsumer(setting.getKey(), setting.getValue());
        }
        // Each member hears of the other at once, and not after 3 s.
        settings = settings.withConsumer("heartbeat.interval.ms", "100");
        Engine engine = create(new EngineConfig(TestKafka.bootstrapServers(), topic, group, inFlight ? 1 : AT_ONCE,
                settings, inFlight ? null : () -> oneAtATime(member),
                inFlight ? new InFlight(AT_ONCE, () -> inFlight(member)) : null));
        engine.start();
        return engine;
    }

    private void count(Task task, String member) {
        times.computeIfAbsent(task.toString(), place -> new AtomicInteger()).incrementAndGet();
        members.add(member);
    }

    private TaskProcessor oneAtATime(String member) {
        return new TaskProcessor() {
            @Override
            public Decision process(Task task) {
                count(task, member);
                try {
                    Thread.sleep(TASK_MILLIS);
                } catch (InterruptedException e) {
                    throw new AssertionError("interrupted", e);
                }
                return Decision.COMPLETE;
            }

            @Override
            public void close() {}
        };
    }

    private AsyncTaskProcessor inFlight(String member) {
        return new AsyncTaskProcessor() {
            @Override
            public CompletableFuture<Decision> process(Task task) {
                count(task, member);
                return CompletableFuture.supplyAsync(() -> Decision.COMPLETE,
                        CompletableFuture.delayedExecutor(TASK_MILLIS, TimeUnit.MILLISECONDS));
            }

            @Override
            public void end() {}

            @Override
            public void close() {}
        };
    }
}
