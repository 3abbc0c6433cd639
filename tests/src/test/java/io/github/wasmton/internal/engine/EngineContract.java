package io.github.wasmton.internal.engine;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.IntStream;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import io.github.wasmton.guest.Task;
import io.github.wasmton.internal.kafka.KafkaSettings;
import io.github.wasmton.testing.Await;
import io.github.wasmton.testing.OnThread;
import io.github.wasmton.testing.TestKafka;

/** Tests of every engine, with a real Kafka. The processors are plain Java: only the engine is under test. */
public abstract class EngineContract {
    private final Queue<Task> seen = new ConcurrentLinkedQueue<>();
    private final AtomicInteger made = new AtomicInteger();
    private final AtomicInteger closed = new AtomicInteger();
    private String topic;
    private String group;

    /** The engine under test. */
    protected abstract Engine create(EngineConfig config);

    /** Returns whether a stop commits the tasks before it; if not, it aborts what was not committed yet. */
    protected boolean stopCommits() {
        return true;
    }

    @BeforeEach
    void newTopic() {
        topic = TestKafka.newTopic(2);
        group = "group-" + topic;
    }

    @Test
    void tasksArriveUnchangedAndInTheOrderOfTheirKey() throws Exception {
        int keys = 20;
        int[] lengths = {0, 1, 200, 3_000};
        List<byte[]> produced = new ArrayList<>();
        Random random = new Random(1);
        for (int i = 0; i < 10_000; i++) {
            byte[] value = new byte[i % 2_500 == 0 ? 1024 * 1024 : lengths[random.nextInt(lengths.length)]];
            random.nextBytes(value);
            produced.add(value);
            TestKafka.sendAsync(topic, i % 2, ("key-" + i % keys).getBytes(UTF_8), value);
        }
        TestKafka.flush();
        try (Engine engine = start(2, task -> Decision.COMPLETE)) {
            Await.until("every task", () -> seen.size() >= produced.size());
            assertTrue(engine.close(Await.LIMIT), "closed in time");
        }
        assertEquals(produced.size(), seen.size(), "no task came twice");
        int[] next = IntStream.range(0, keys).toArray();
        for (Task task : seen) {
            int i = (int) task.offset() * 2 + task.partition();
            assertArrayEquals(produced.get(i), task.value(), task::toString);
            assertEquals(next[i % keys], i, "the next task of key-" + i % keys);
            next[i % keys] += keys;
        }
        assertEquals(Map.of(0, 5_000L, 1, 5_000L), TestKafka.committed(group, topic));
    }

    @Test
    void tasksHaveTheirPlace() throws Exception {
        TestKafka.send(topic, 0, "a", "b");
        TestKafka.send(topic, 1, "c", "d");
        try (Engine engine = start(1, task -> Decision.COMPLETE)) {
            Await.until("4 tasks", () -> seen.size() == 4);
            assertTrue(engine.close(Await.LIMIT), "closed in time");
        }
        Map<String, String> places = new HashMap<>();
        seen.forEach(task -> places.put(text(task), task.toString()));
        assertEquals(
                Map.of("a", topic + "-0@0", "b", topic + "-0@1", "c", topic + "-1@0", "d", topic + "-1@1"), places);
    }

    /** Tests records of clients that write no timestamp: one of 1970 would be deleted where it is written on. */
    @Test
    void recordsWithoutATimestampHaveNone() throws Exception {
        List<Long> timestamps = List.of(-1L, 0L, 77L, -1L, -1L, 78L);
        for (long timestamp : timestamps) {
            TestKafka.sendWithTimestamp(topic, 0, timestamp);
        }
        try (Engine engine = start(1, task -> Decision.COMPLETE)) {
            Await.until("every task", () -> seen.size() == timestamps.size());
            assertTrue(engine.close(Await.LIMIT), "closed in time");
        }
        assertEquals(timestamps, seen.stream().sorted(Comparator.comparing(Task::offset)).map(Task::timestamp)
                .toList());
    }

    @Test
    void emptyMissingAndLargeValuesAreTasks() throws Exception {
        byte[] large = new byte[1024 * 1024];
        for (int i = 0; i < large.length; i++) {
            large[i] = (byte) i;
        }
        TestKafka.send(topic, 0, null, new byte[0]);
        TestKafka.send(topic, 0, null, (byte[]) null);
        TestKafka.send(topic, 0, null, large);
        try (Engine engine = start(1, task -> Decision.COMPLETE)) {
            Await.until("3 tasks", () -> seen.size() == 3);
            assertTrue(engine.close(Await.LIMIT), "closed in time");
        }
        List<Task> tasks = new ArrayList<>(seen);
        tasks.sort((a, b) -> Long.compare(a.offset(), b.offset()));
        assertArrayEquals(new byte[0], tasks.get(0).value());
        assertNull(tasks.get(1).value());
        assertArrayEquals(large, tasks.get(2).value());
        assertEquals(Map.of(0, 3L), TestKafka.committed(group, topic));
    }

    @Test
    void stoppedTaskStaysUncommittedAndIsProcessedAgain() throws Exception {
        stopsAt(task -> Decision.STOP);
    }

    @Test
    void exceptionOfTheProcessorStopsTheEngine() throws Exception {
        stopsAt(task -> {
            throw new IllegalStateException("thrown by the test");
        });
    }

    @Test
    void errorOfTheProcessorStopsTheEngine() throws Exception {
        stopsAt(task -> {
            throw new StackOverflowError("thrown by the test");
        });
    }

    private void stopsAt(Function<Task, Decision> failure) throws Exception {
        // With one key, so that each has to wait for the one before.
        sendToOneThread(0, "0", "1", "2", "3", "4", "fails", "6", "7");
        try (Engine engine = start(1, task -> text(task).equals("fails") ? failure.apply(task) : Decision.COMPLETE)) {
            Await.result("the engine to end", engine.ended());
            assertTrue(engine.close(Await.LIMIT), "closed in time");
        }
        assertEquals(List.of("0", "1", "2", "3", "4", "fails"), texts(), "nothing is processed after the failure");
        int next = Math.toIntExact(TestKafka.committed(group, topic).getOrDefault(0, 0L));
        assertCommittedUpTo(5, next);  // all before the failure, and not the failure

        seen.clear();
        try (Engine engine = start(1, task -> Decision.COMPLETE)) {
            Await.until("the failed task and what follows", () -> seen.size() >= 8 - next);
            assertTrue(engine.close(Await.LIMIT), "closed in time");
        }
        assertEquals(List.of("0", "1", "2", "3", "4", "fails", "6", "7").subList(next, 8), texts());
        assertEquals(Map.of(0, 8L), TestKafka.committed(group, topic));
    }

    /** Checks that a stop did not commit more than the offset, and not less if it commits. */
    private void assertCommittedUpTo(long offset, long committed) {
        assertTrue(stopCommits() ? committed == offset : committed <= offset,
                "committed " + committed + " of " + offset);
    }

    @Test
    void stopEndsProcessingOnAllThreads() throws Exception {
        CountDownLatch otherUnderWay = new CountDownLatch(1);
        CompletableFuture<String> ended = new CompletableFuture<>();
        Set<Thread> threads = ConcurrentHashMap.newKeySet();
        Engine engine = start(2, task -> {
            threads.add(Thread.currentThread());
            switch (text(task)) {
                case "fails":
                    waitFor("the other thread's task", otherUnderWay);
                    return Decision.STOP;
                case "first":
                    otherUnderWay.countDown();
                    ended.join();
                    return Decision.COMPLETE;
                default:
                    return Decision.COMPLETE;
            }
        });
        try (engine) {
            engine.ended().thenAccept(ended::complete);
            // Until each partition has a thread of its own.
            Await.until("two threads", () -> {
                sendToOneThread(0, "warm up");
                sendToOneThread(1, "warm up");
                return threads.size() == 2;
            });
            sendToOneThread(0, "fails");
            sendToOneThread(1, "first", "second", "third");
            Await.result("the engine to end", engine.ended());
            assertTrue(engine.close(Await.LIMIT), "closed in time");
        }
        List<String> processed = texts().stream().filter(text -> !text.equals("warm up")).sorted().toList();
        assertEquals(List.of("fails", "first"), processed);
        Map<Integer, Long> committed = TestKafka.committed(group, topic);
        assertCommittedUpTo(offsetOf("first") + 1, committed.getOrDefault(1, 0L));  // the task in progress is complete
        assertCommittedUpTo(offsetOf("fails"), committed.getOrDefault(0, 0L));
    }

    @Test
    void closeWaitsForTheTaskInProgress() throws Exception {
        CountDownLatch underWay = new CountDownLatch(1);
        CountDownLatch closing = new CountDownLatch(1);
        TestKafka.send(topic, 0, "slow");
        Engine engine = start(1, task -> {
            underWay.countDown();
            waitFor("the test to close the engine", closing);
            return Decision.COMPLETE;
        });
        waitFor("the task to begin", underWay);
        OnThread close = OnThread.start("close", () -> assertTrue(engine.close(Await.LIMIT), "closed in time"));
        closing.countDown();
        close.join();
        assertEquals(Map.of(0, 1L), TestKafka.committed(group, topic));
        assertFalse(engine.ended().isDone(), "an engine that is closed did not end by itself");
        assertEquals(made.get(), closed.get(), "every processor is closed once");
        assertTrue(engine.close(Await.LIMIT), "closing again does nothing");
    }

    @Test
    void closeReturnsInTimeDespiteAnEndlessTask() throws Exception {
        CountDownLatch underWay = new CountDownLatch(1);
        CountDownLatch never = new CountDownLatch(1);
        TestKafka.send(topic, 0, "endless");
        Engine engine = start(1, task -> {
            underWay.countDown();
            waitFor("the test to be over", never);
            return Decision.COMPLETE;
        });
        try {
            waitFor("the task to begin", underWay);
            OnThread.start("close", () -> assertFalse(engine.close(Duration.ofSeconds(2)), "gave up")).join();
            assertEquals(Map.of(), TestKafka.committed(group, topic));
        } finally {
            never.countDown();
            engine.close(Await.LIMIT);
        }
    }

    @Test
    void engineIsReadyFromItsAssignmentUntilItsClose() throws Exception {
        Engine engine = create(config(1, Map.of(), task -> Decision.COMPLETE));
        assertFalse(engine.ready(), "not before it is started");
        try (engine) {
            engine.start();
            Await.until("the engine to be ready", engine::ready);
            TestKafka.send(topic, 0, "one");
            Await.until("a task", () -> !seen.isEmpty());
            assertTrue(engine.ready());
            assertTrue(engine.close(Await.LIMIT), "closed in time");
            assertFalse(engine.ready(), "not after it is closed");
        }
    }

    @Test
    void restartInTheMiddleLosesNothing() throws Exception {
        int count = 1_000;
        for (int i = 0; i < count; i++) {
            TestKafka.sendAsync(topic, i % 2, null, Integer.toString(i).getBytes(UTF_8));
        }
        TestKafka.flush();
        CountDownLatch middle = new CountDownLatch(1);
        try (Engine engine = start(2, task -> {
            if (seen.size() > count / 10) {
                middle.countDown();
            }
            pause();
            return Decision.COMPLETE;
        })) {
            waitFor("a part of the tasks", middle);
            assertTrue(engine.close(Await.LIMIT), "closed in time");
        }
        int first = seen.size();
        try (Engine engine = start(2, task -> Decision.COMPLETE)) {
            Await.until("every task", () -> seen.stream().map(EngineContract::text).distinct().count() == count);
            assertTrue(engine.close(Await.LIMIT), "closed in time");
        }
        assertEquals(Map.of(0, 500L, 1, 500L), TestKafka.committed(group, topic));
    }

    /** Closes an engine while the group waits for a member that is gone: that can take as long as its session. */
    @Test
    void closeDoesNotWaitForPartitions() throws Exception {
        Map<String, String> fixed = Map.of("group.instance.id", "fixed", "session.timeout.ms", "600000");
        try (Engine gone = create(config(1, fixed, task -> Decision.COMPLETE))) {
            gone.start();
            Await.until("the first member to be ready", gone::ready);
            assertTrue(gone.close(Await.LIMIT), "closed in time");
        }
        try (Engine waits = start(1, task -> Decision.COMPLETE)) {
            Await.until("the second member to join", () -> TestKafka.members(group) == 2);
            // It ends long before that member's session, and before the limit of a test.
            assertTrue(waits.close(Duration.ofMinutes(9)), "closed in time");
            assertEquals(List.of(), texts());
        }
    }

    @Test
    void engineReportsTheDeathOfItsClient() throws Exception {
        TestKafka.send(topic, 0, "unread");
        // Without a committed offset and without a rule where to begin, the consumer gives up.
        EngineConfig config = config(1, Map.of("auto.offset.reset", "none"), task -> Decision.COMPLETE);
        try (Engine engine = create(config)) {
            engine.start();
            String reason = Await.result("the engine to end", engine.ended());
            assertTrue(reason.contains("ended by itself"), reason);
            assertTrue(engine.close(Await.LIMIT), "closed in time");
        }
        assertEquals(List.of(), texts());
    }

    /** Retention deleted what the group would read next (docs/field-reports.md). */
    @Test
    void continuesWithTheOldestRecordIfTheNextOneIsGone() throws Exception {
        TestKafka.send(topic, 0, "0", "1", "2", "3", "4");
        TestKafka.commit(group, topic, 0, 1);
        TestKafka.deleteRecordsBefore(topic, 0, 3);
        try (Engine engine = start(1, task -> Decision.COMPLETE)) {
            Await.until("the rest", () -> seen.size() == 2);
            assertTrue(engine.close(Await.LIMIT), "closed in time");
        }
        assertEquals(Set.of("3", "4"), Set.copyOf(texts()));
        assertEquals(Map.of(0, 5L), TestKafka.committed(group, topic));
    }

    @Test
    void recordsOfAbortedTransactionsAreNoTasks() throws Exception {
        TestKafka.sendInTransaction(topic, 0, true, "one", "two");
        TestKafka.sendInTransaction(topic, 0, false, "aborted");
        TestKafka.sendInTransaction(topic, 0, true, "three");
        try (Engine engine = start(1, task -> Decision.COMPLETE)) {
            Await.until("the last task", () -> texts().contains("three"));
            assertTrue(engine.close(Await.LIMIT), "closed in time");
        }
        assertEquals(List.of("one", "two", "three"), texts());
    }

    // ---- for those engines that can ----

    /** Deletes the topic of a running engine, which must end with a sentence. */
    protected final void endIfTheTopicIsDeleted() throws Exception {
        TestKafka.send(topic, 0, "one");
        // Some only ask for the topic when what they know of it is old.
        try (Engine engine = create(config(1, Map.of("metadata.max.age.ms", "1000"), task -> Decision.COMPLETE))) {
            engine.start();
            // What cannot be committed any more can keep a client busy for minutes.
            Await.until("the commit", () -> TestKafka.committed(group, topic).equals(Map.of(0, 1L)));
            TestKafka.deleteTopic(topic);
            String reason = Await.result("the engine to end", engine.ended());
            assertEquals("The topic '" + topic + "' was deleted. Create it, and start again", reason);
            assertFalse(engine.ready(), "not after it has ended");
            assertTrue(engine.close(Await.LIMIT), "closed in time");
        }
    }

    /** Commits behind the marker of a transaction, so that the group's lag becomes zero. */
    protected final void commitBehindMarkers() throws Exception {
        TestKafka.sendInTransaction(topic, 0, true, "one");
        try (Engine engine = start(1, task -> Decision.COMPLETE)) {
            Await.until("the end of the partition, committed",
                    () -> TestKafka.committed(group, topic).getOrDefault(0, 0L) == 2);
            TestKafka.sendInTransaction(topic, 0, false, "aborted");
            Await.until("the end of the partition, committed",
                    () -> TestKafka.committed(group, topic).getOrDefault(0, 0L) == 4);
            assertTrue(engine.close(Await.LIMIT), "closed in time");
        }
        assertEquals(List.of("one"), texts());
    }

    /** Begins at markers of a transaction: the group's lag becomes zero although there is no record. */
    protected final void commitBehindMarkersThatComeFirst() throws Exception {
        TestKafka.sendInTransaction(topic, 0, false, "aborted");
        try (Engine engine = start(1, task -> Decision.COMPLETE)) {
            Await.until("the end of the partition, committed",
                    () -> TestKafka.committed(group, topic).getOrDefault(0, 0L) == 2);
            assertTrue(engine.close(Await.LIMIT), "closed in time");
        }
        assertEquals(List.of(), texts());
    }

    /** Takes longer for a task than the group waits for a member to poll. */
    protected final void keepPartitionsWhileATaskTakesLong() throws Exception {
        int intervalMillis = 500;
        CountDownLatch over = new CountDownLatch(1);
        TestKafka.send(topic, 0, "long", "next");
        EngineConfig config = config(1, Map.of("max.poll.interval.ms", Integer.toString(intervalMillis),
                "heartbeat.interval.ms", "100"), task -> {
                    if (text(task).equals("long")) {
                        waitFor("the test to say that it was long enough", over);
                    }
                    return Decision.COMPLETE;
                });
        try (Engine engine = create(config)) {
            engine.start();
            Await.until("the task", () -> !seen.isEmpty());
            // No condition tells that a member was not expelled: it would be by now, many times over.
            Thread.sleep(6L * intervalMillis);
            assertTrue(engine.ready(), "it kept its partitions");
            over.countDown();
            Await.until("the next task", () -> seen.size() >= 2);
            assertTrue(engine.close(Await.LIMIT), "closed in time");
        }
        assertEquals(List.of("long", "next"), texts());
        assertEquals(Map.of(0, 2L), TestKafka.committed(group, topic));
    }

    /** Closes engines: a member that has a name ({@code group.instance.id}) stays in the group, another one leaves. */
    protected final void keepAFixedMemberInTheGroup() throws Exception {
        TestKafka.send(topic, 0, "first");
        try (Engine engine = start(1, task -> Decision.COMPLETE)) {
            Await.until("the first task", () -> seen.size() == 1);
            assertTrue(engine.close(Await.LIMIT), "closed in time");
        }
        assertEquals(0, TestKafka.members(group));
        TestKafka.send(topic, 0, "second");
        try (Engine engine = create(config(1, Map.of("group.instance.id", "fixed"), task -> Decision.COMPLETE))) {
            engine.start();
            Await.until("the second task", () -> seen.size() == 2);
            assertTrue(engine.close(Await.LIMIT), "closed in time");
        }
        assertEquals(1, TestKafka.members(group));
        assertEquals(List.of("first", "second"), texts());
    }

    // ---- helpers ----

    private Engine start(int threads, Function<Task, Decision> decide) {
        Engine engine = create(config(threads, Map.of(), decide));
        engine.start();
        return engine;
    }

    private EngineConfig config(int threads, Map<String, String> kafka, Function<Task, Decision> decide) {
        return new EngineConfig(TestKafka.bootstrapServers(), topic, group, threads, KafkaSettings.all(kafka), () -> {
            made.incrementAndGet();
            return new TaskProcessor() {
                @Override
                public Decision process(Task task) {
                    seen.add(task);
                    return decide.apply(task);
                }

                @Override
                public void close() {
                    closed.incrementAndGet();
                }
            };
        });
    }

    /** Sends tasks of one key, which any engine processes in turn, even with several threads for each partition. */
    private void sendToOneThread(int partition, String... values) throws Exception {
        for (String value : values) {
            TestKafka.send(topic, partition, "one thread".getBytes(UTF_8), value.getBytes(UTF_8));
        }
    }

    private long offsetOf(String text) {
        return seen.stream().filter(task -> text(task).equals(text)).findFirst().orElseThrow().offset();
    }

    private List<String> texts() {
        return seen.stream().map(EngineContract::text).toList();
    }

    private static String text(Task task) {
        return new String(task.value(), UTF_8);
    }

    private static void waitFor(String what, CountDownLatch latch) {
        try {
            OnThread.await(latch, what);
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted while waiting for " + what, e);
        }
    }

    private static void pause() {
        try {
            Thread.sleep(1);
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted", e);
        }
    }
}
