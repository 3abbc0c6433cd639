package io.github.wasmton.internal.engine;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.IntPredicate;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import io.github.wasmton.guest.Task;
import io.github.wasmton.internal.kafka.KafkaSettings;
import io.github.wasmton.testing.Await;
import io.github.wasmton.testing.OnThread;
import io.github.wasmton.testing.TestKafka;

/** Tests of every engine with many tasks in flight, with a real Kafka and tasks of random duration. */
public abstract class InFlightContract {
    private static final int LIMIT = 100;

    private final Queue<Task> begun = new ConcurrentLinkedQueue<>();
    private final Set<String> done = ConcurrentHashMap.newKeySet();
    private final AtomicInteger underWay = new AtomicInteger();
    private final AtomicInteger mostInFlight = new AtomicInteger();
    private final AtomicInteger ends = new AtomicInteger();
    private final AtomicInteger closed = new AtomicInteger();
    private final Queue<CompletableFuture<Decision>> whenEnding = new ConcurrentLinkedQueue<>();
    /** Tasks that wait for their next attempt, by partition. */
    private final Map<Integer, CompletableFuture<Decision>> backoffs = new ConcurrentHashMap<>();
    private String topic;
    private String group;

    /** The engine under test. */
    protected abstract Engine create(EngineConfig config);

    @BeforeEach
    void newTopic() {
        topic = TestKafka.newTopic(2);
        group = "group-" + topic;
    }

    @Test
    void tasksWithAKeyKeepTheirOrderAndOthersOvertakeThem() throws Exception {
        int count = 3_000;
        Map<String, List<Integer>> order = new ConcurrentHashMap<>();
        Set<String> busy = ConcurrentHashMap.newKeySet();
        AtomicBoolean overlapped = new AtomicBoolean();
        produce(count, i -> i % 3 == 0 ? null : "key-" + i % 40);
        Engine engine = start(LIMIT, task -> {
            String key = task.key() == null ? null : task.partition() + new String(task.key(), UTF_8);
            if (key != null) {
                overlapped.compareAndSet(false, !busy.add(key));
                order.computeIfAbsent(key, k -> new ArrayList<>()).add(Integer.parseInt(text(task)));
            }
            return after(random(3)).thenApply(nothing -> {
                busy.remove(String.valueOf(key));
                return Decision.COMPLETE;
            });
        });
        awaitAllAndClose(engine, count);
        assertFalse(overlapped.get(), "two tasks with the same key were in flight");
        order.forEach((key, tasks) -> assertEquals(tasks.stream().sorted().toList(), tasks, key));
        assertTrue(mostInFlight.get() > 10, mostInFlight + " in flight at once");
        assertTrue(mostInFlight.get() <= LIMIT, mostInFlight + " in flight at once");
        assertEquals(count, begun.size(), "no task came twice");
    }

    @Test
    void tasksInFlightReachTheLimit() throws Exception {
        produce(3 * LIMIT, i -> null);
        CompletableFuture<Decision> all = new CompletableFuture<>();
        Engine engine = start(LIMIT, task -> all.copy());
        Await.until("as many as may be", () -> underWay.get() == LIMIT);
        all.complete(Decision.COMPLETE);
        awaitAllAndClose(engine, 3 * LIMIT);
        assertEquals(LIMIT, mostInFlight.get());
    }

    @Test
    void commitsNoOffsetAfterAnOpenTask() throws Exception {
        int count = 2_000;
        produce(count, i -> null);
        CompletableFuture<Decision> slow = new CompletableFuture<>();
        ConcurrentSkipListSet<Long> open = new ConcurrentSkipListSet<>();
        for (long offset = 0; offset < count / 2; offset++) {
            open.add(offset);
        }
        Engine engine = start(LIMIT, task -> {
            CompletableFuture<Decision> decision = task.partition() == 0 && task.offset() == 600 ? slow
                    : after(random(20)).thenApply(nothing -> Decision.COMPLETE);
            return decision.whenComplete((decided, e) -> {
                if (task.partition() == 0) {
                    open.remove(task.offset());
                }
            });
        });
        Await.until("all before the slow one to be committed, and all of the other partition", () -> {
            Map<Integer, Long> committed = TestKafka.committed(group, topic);
            long offset = committed.getOrDefault(0, 0L);
            // What is open only gets less, so it is looked at afterwards.
            long lowestOpen = open.first();
            assertTrue(offset <= lowestOpen, offset + " is committed, and " + lowestOpen + " is not complete");
            return committed.equals(Map.of(0, 600L, 1, 1_000L)) && done.size() == count - 1;
        });
        slow.complete(Decision.COMPLETE);
        awaitAllAndClose(engine, count);
    }

    @Test
    void restartInTheMiddleLosesNothing() throws Exception {
        int count = 2_000;
        produce(count, i -> i % 2 == 0 ? null : "key-" + i % 7);
        Function<Task, CompletableFuture<Decision>> processing =
                task -> after(random(5)).thenApply(nothing -> Decision.COMPLETE);
        for (int part = 1; part <= 3; part++) {
            int enough = count * part / 4;
            Engine engine = start(LIMIT, processing);
            Await.until("a part of the tasks", () -> done.size() > enough);
            assertTrue(engine.close(Await.LIMIT), "closed in time");
        }
        awaitAllAndClose(start(LIMIT, processing), count);
        assertEquals(count, begun.size(), "close waited for the tasks in flight");
    }

    @Test
    void changingMembersUnderLoadLoseNothing() throws Exception {
        int count = 6_000;
        produce(count, i -> i % 2 == 0 ? null : "key-" + i % 50);
        Function<Task, CompletableFuture<Decision>> processing =
                task -> after(random(10)).thenApply(nothing -> Decision.COMPLETE);
        Engine first = start(20, processing);
        Await.until("some tasks", () -> done.size() > count / 10);
        Engine second = start(20, processing);
        Await.until("more tasks", () -> done.size() > count / 3);
        assertTrue(first.close(Await.LIMIT), "closed in time");
        int before = done.size();
        Await.until("tasks of the other member", () -> done.size() > Math.min(before + 100, count - 1));
        Engine third = start(20, processing);
        Await.until("every task", () -> done.size() == count);
        assertTrue(second.close(Await.LIMIT), "closed in time");
        assertTrue(third.close(Await.LIMIT), "closed in time");
        assertEquals(Map.of(0, count / 2L, 1, count / 2L), TestKafka.committed(group, topic));
    }

    @Test
    void closeWaitsForTheTasksInFlight() throws Exception {
        produce(2 * LIMIT, i -> null);
        CompletableFuture<Decision> all = new CompletableFuture<>();
        Engine engine = start(LIMIT, task -> all.copy());
        Await.until("as many as may be", () -> underWay.get() == LIMIT);
        OnThread close = OnThread.start("close", () -> assertTrue(engine.close(Await.LIMIT), "closed in time"));
        Await.until("the engine to tell of its end", () -> ends.get() == 1);
        all.complete(Decision.COMPLETE);
        close.join();
        assertEquals(LIMIT, begun.size(), "no other task was started");
        Map<Integer, Long> committed = TestKafka.committed(group, topic);
        assertEquals(LIMIT, committed.values().stream().mapToLong(Long::longValue).sum(), "all of them");
        assertFalse(engine.ended().isDone(), "an engine that is closed did not end by itself");
        assertEquals(1, closed.get());
        assertTrue(engine.close(Await.LIMIT), "closing again does nothing");
    }

    @Test
    void closeReturnsInTimeAndCommitsCompleteTasks() throws Exception {
        TestKafka.send(topic, 0, "0", "1", "2", "endless", "4", "5");
        Engine engine = start(LIMIT, task -> text(task).equals("endless") ? new CompletableFuture<>() : completed());
        Await.until("all but one", () -> done.size() == 5);
        OnThread.start("close", () -> assertFalse(engine.close(Duration.ofSeconds(2)), "gave up")).join();
        assertEquals(Map.of(0, 3L), TestKafka.committed(group, topic));
        assertEquals(1, closed.get(), "tasks in flight are told to abandon");

        begun.clear();
        Engine next = start(LIMIT, task -> completed());
        Await.until("the one and what follows", () -> begun.size() == 3);
        assertTrue(next.close(Await.LIMIT), "closed in time");
        assertEquals(List.of("endless", "4", "5"), begun.stream().map(InFlightContract::text).toList());
    }

    @Test
    void closeEndsTheBackoff() throws Exception {
        TestKafka.send(topic, 0, "0", "1", "waits", "3");
        Engine engine = start(LIMIT, task -> {
            if (!text(task).equals("waits")) {
                return completed();
            }
            CompletableFuture<Decision> waiting = new CompletableFuture<>();
            whenEnding.add(waiting);
            return waiting;
        });
        Await.until("all but one", () -> done.size() == 3);
        assertTrue(engine.close(Await.LIMIT), "closed in time");
        assertEquals(Map.of(0, 2L), TestKafka.committed(group, topic));
        assertFalse(engine.ended().isDone(), "that was no failure");
    }

    /** Has a member join while a task of each partition waits for its next attempt, for longer than any test. */
    @Test
    void rebalanceEndsTheBackoffsOfPartitionsThatGo() throws Exception {
        TestKafka.send(topic, 0, "0");
        TestKafka.send(topic, 1, "1");
        Engine first = start(LIMIT, task -> {
            CompletableFuture<Decision> backoff = new CompletableFuture<>();
            backoffs.put(task.partition(), backoff);
            return backoff;
        });
        Await.until("both to wait", () -> backoffs.size() == 2);
        List<CompletableFuture<Decision>> before = List.copyOf(backoffs.values());
        Engine second = start(LIMIT, task -> completed());
        Await.until("one to come to the second member", () -> done.size() == 1);
        assertTrue(before.stream().anyMatch(backoff -> backoff.getNow(null) == Decision.ABANDON), "a back-off ended");
        assertFalse(first.ended().isDone() || second.ended().isDone(), "that is no failure");
        Await.until("both to be committed", () -> {
            backoffs.values().forEach(backoff -> backoff.complete(Decision.COMPLETE));
            return TestKafka.committed(group, topic).equals(Map.of(0, 1L, 1, 1L));
        });
        assertTrue(first.close(Await.LIMIT), "closed in time");
        assertTrue(second.close(Await.LIMIT), "closed in time");
    }

    @Test
    void stopStartsNothingMoreAndLetsTasksInFlightEnd() throws Exception {
        // Each waits for the one before, but for those without a key.
        TestKafka.send(topic, 0, "key".getBytes(UTF_8), "0".getBytes(UTF_8));
        TestKafka.send(topic, 0, "key".getBytes(UTF_8), "fails".getBytes(UTF_8));
        TestKafka.send(topic, 0, "key".getBytes(UTF_8), "2".getBytes(UTF_8));
        TestKafka.send(topic, 0, "in flight");
        CountDownLatch bothInFlight = new CountDownLatch(1);
        CompletableFuture<Decision> failing = new CompletableFuture<>();
        CompletableFuture<Decision> other = new CompletableFuture<>();
        Engine engine = start(LIMIT, task -> {
            switch (text(task)) {
                case "fails":
                    return failing;
                case "in flight":
                    bothInFlight.countDown();
                    return other;
                default:
                    return completed();
            }
        });
        OnThread.await(bothInFlight, "both to be in flight");
        failing.complete(Decision.STOP);
        Await.result("the engine to end", engine.ended());
        TestKafka.send(topic, 0, "later");
        OnThread close = OnThread.start("close", () -> assertTrue(engine.close(Await.LIMIT), "closed in time"));
        Await.until("the engine to tell of its end", () -> ends.get() == 1);
        other.complete(Decision.COMPLETE);
        close.join();
        assertEquals(Set.of("0", "in flight"), done);
        assertEquals(3, begun.size());
        assertEquals(Map.of(0, 1L), TestKafka.committed(group, topic), "all before the failure, and not the failure");
    }

    @Test
    void exceptionOrFailureOfTheProcessorStopsTheEngine() throws Exception {
        for (boolean thrown : new boolean[] {true, false}) {
            newTopic();
            TestKafka.send(topic, 0, "fails");
            Engine engine = start(LIMIT, task -> {
                IllegalStateException e = new IllegalStateException("thrown by the test");
                if (thrown) {
                    throw e;
                }
                return CompletableFuture.failedFuture(e);
            });
            assertEquals("a task failed", Await.result("the engine to end", engine.ended()));
            assertTrue(engine.close(Await.LIMIT), "closed in time");
            assertEquals(Map.of(), TestKafka.committed(group, topic));
        }
    }

    @Test
    void thousandsOfImmediateTasksOfOneKeyNestNoCalls() throws Exception {
        produce(20_000, i -> "key");
        awaitAllAndClose(start(30_000, task -> completed()), 20_000);
    }

    /** Deletes the topic of a running engine, which must end with a sentence; for those engines that can. */
    protected final void endIfTheTopicIsDeleted() throws Exception {
        TestKafka.send(topic, 0, "one");
        Engine engine = start(LIMIT, task -> completed());
        Await.until("the commit", () -> TestKafka.committed(group, topic).equals(Map.of(0, 1L)));
        TestKafka.deleteTopic(topic);
        String reason = Await.result("the engine to end", engine.ended());
        assertEquals("The topic '" + topic + "' was deleted. Create it, and start again", reason);
        assertFalse(engine.ready(), "not after it has ended");
        assertTrue(engine.close(Await.LIMIT), "closed in time");
    }

    // ---- helpers ----

    private void produce(int count, Function<Integer, String> key) {
        for (int i = 0; i < count; i++) {
            String text = key.apply(i);
            TestKafka.sendAsync(topic, i % 2, text == null ? null : text.getBytes(UTF_8),
                    Integer.toString(i).getBytes(UTF_8));
        }
        TestKafka.flush();
    }

    private Engine start(int limit, Function<Task, CompletableFuture<Decision>> processing) {
        AsyncTaskProcessor processor = new AsyncTaskProcessor() {
            @Override
            public CompletableFuture<Decision> process(Task task) {
                begun.add(task);
                mostInFlight.accumulateAndGet(underWay.incrementAndGet(), Math::max);
                return processing.apply(task).whenComplete((decision, e) -> {
                    underWay.decrementAndGet();
                    if (decision == Decision.COMPLETE) {
                        done.add(text(task));
                    }
                });
            }

            @Override
            public void endWaits(IntPredicate partitions) {
                backoffs.forEach((partition, backoff) -> {
                    if (partitions.test(partition)) {
                        backoff.complete(Decision.ABANDON);
                    }
                });
            }

            @Override
            public int waiting() {
                return (int) backoffs.values().stream().filter(backoff -> !backoff.isDone()).count();
            }

            @Override
            public void end() {
                ends.incrementAndGet();
                whenEnding.forEach(waiting -> waiting.complete(Decision.ABANDON));
            }

            @Override
            public void close() {
                closed.incrementAndGet();
            }
        };
        Engine engine = create(new EngineConfig(TestKafka.bootstrapServers(), topic, group, 1, KafkaSettings.NONE, null,
                new InFlight(limit, () -> processor)));
        engine.start();
        return engine;
    }

    private void awaitAllAndClose(Engine engine, int count) throws Exception {
        Await.until("every task", () -> done.size() == count);
        assertTrue(engine.close(Await.LIMIT), "closed in time");
        assertEquals(Map.of(0, count / 2L, 1, count / 2L), TestKafka.committed(group, topic));
    }

    private static CompletableFuture<Decision> completed() {
        return CompletableFuture.completedFuture(Decision.COMPLETE);
    }

    private static CompletableFuture<Void> after(int millis) {
        return CompletableFuture.runAsync(() -> { },
                CompletableFuture.delayedExecutor(millis, TimeUnit.MILLISECONDS));
    }

    private static int random(int below) {
        return new SplittableRandom().nextInt(below);
    }

    private static String text(Task task) {
        return new String(task.value(), UTF_8);
    }
}
