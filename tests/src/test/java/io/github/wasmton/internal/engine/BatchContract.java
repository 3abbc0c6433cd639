package io.github.wasmton.internal.engine;

import static io.github.wasmton.testing.TestGuests.guest;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

import ch.qos.logback.classic.Level;
import io.github.wasmton.failure.FailurePolicy;
import io.github.wasmton.failure.Verdict;
import io.github.wasmton.guest.GuestModule;
import io.github.wasmton.guest.GuestOptions;
import io.github.wasmton.internal.kafka.KafkaSettings;
import io.github.wasmton.internal.run.AsyncTaskRunner;
import io.github.wasmton.internal.run.Batches;
import io.github.wasmton.internal.run.RunContext;
import io.github.wasmton.internal.run.TaskRunner;
import io.github.wasmton.internal.stats.TaskCounters;
import io.github.wasmton.internal.stats.ThreadState;
import io.github.wasmton.testing.Await;
import io.github.wasmton.testing.GuestLogCapture;
import io.github.wasmton.testing.TestKafka;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tests of every engine that has batches, with a real Kafka and a guest that logs each batch that it gets. */
public abstract class BatchContract {
    private static final Duration LONG = Duration.ofHours(1);
    private static final int PARTITIONS = 2;

    private final GuestLogCapture log = new GuestLogCapture(Level.INFO);
    private final TaskCounters figures = new TaskCounters();
    private final List<GuestModule> modules = new ArrayList<>();
    private String topic;
    private String group;

    /** Makes the engine under test. */
    protected abstract Engine create(EngineConfig config);

    /** Returns whether the engine has one task at a time on each thread; if not, it has many in flight. */
    protected boolean oneAtATime() {
        return false;
    }

    /** Returns whether a stop commits the tasks before it; if not, it aborts what was not committed yet. */
    protected boolean stopCommits() {
        return true;
    }

    @BeforeEach
    void newTopic() {
        topic = TestKafka.newTopic(PARTITIONS);
        group = "group-" + topic;
    }

    @AfterEach
    void close() {
        modules.forEach(GuestModule::close);
        log.close();
    }

    private Engine start(String guest, FailurePolicy policy, int size, Duration linger) {
        GuestModule module = GuestModule.load(guest(guest), GuestOptions.DEFAULT.withDeadline(Duration.ofSeconds(30)));
        modules.add(module);
        Engine engine = create(config(module, new RunContext(policy, figures), size, linger));
        engine.start();
        return engine;
    }

    private EngineConfig config(GuestModule module, RunContext context, int size, Duration linger) {
        if (oneAtATime()) {
            return new EngineConfig(TestKafka.bootstrapServers(), topic, group, 2, KafkaSettings.NONE,
                    () -> new TaskRunner(module, context)).withBatches(new BatchConfig(size, linger));
        }
        return new EngineConfig(TestKafka.bootstrapServers(), topic, group, 2, KafkaSettings.NONE, null,
                new InFlight(8 * size, () -> new AsyncTaskRunner(new Batches(module, context, size, linger, 2),
                        context)));
    }

    private Engine start(int size, Duration linger) {
        return start("probe-batch", (task, failure, attempts) -> new Verdict.Stop("not " + failure), size, linger);
    }

    private void send(int partition, String key, String value) {
        TestKafka.sendAsync(topic, partition, key == null ? null : key.getBytes(UTF_8), value.getBytes(UTF_8));
    }

    /** Returns the values of each batch that a guest got so far, in the order of their ends. */
    private List<List<String>> batches() {
        return log.lines().stream().filter(line -> line.contains(": batch: "))
                .map(line -> Arrays.asList(line.replaceAll(".*: batch: ", "").split(", "))).toList();
    }

    private void awaitCommitted(long... offsets) throws Exception {
        Map<Integer, Long> expected = new HashMap<>();
        for (int i = 0; i < offsets.length; i++) {
            if (offsets[i] > 0) {
                expected.put(i, offsets[i]);
            }
        }
        Await.until("the commit of " + expected, () -> TestKafka.committed(group, topic).equals(expected));
    }

    private boolean inGuest() {
        return figures.threads().stream().anyMatch(state -> ThreadState.inGuest(state.stamp()));
    }

    private static void close(Engine engine) {
        assertTrue(engine.close(Await.LIMIT), "closed in time");
    }

    @Test
    void eachTaskIsInOneBatchAndThoseOfAKeyAreInOrder() throws Exception {
        int count = 3_000;
        for (int i = 0; i < count; i++) {
            int key = i % 50;
            send(key % PARTITIONS, i % 3 == 0 ? null : "key-" + key, key + "/" + i);
        }
        TestKafka.flush();
        Engine engine = start(20, Duration.ofMillis(50));
        awaitCommitted(count / 2, count / 2);
        close(engine);
        assertEquals(count, figures.done());
        assertEquals(count, figures.batchedTasks(), "no task came twice");
        assertTrue(figures.batches() < count / 2, figures.batches() + " batches");
        Map<String, Integer> last = new HashMap<>();
        for (List<String> batch : batches()) {
            assertTrue(batch.size() <= 20, batch.toString());
            Set<String> keys = new TreeSet<>();
            for (String value : batch) {
                int number = Integer.parseInt(value.replaceAll(".*/", ""));
                if (number % 3 != 0) {
                    String key = value.replaceAll("/.*", "");
                    assertTrue(keys.add(key), "the key " + key + " is twice in " + batch);
                    assertTrue(last.merge(key, number, (before, now) -> before < now ? now : Integer.MAX_VALUE)
                            == number, key + " is out of order at " + number);
                }
            }
        }
    }

    @Test
    void smallBatchBeginsAfterTheLingerTime() throws Exception {
        Engine engine = start(1_000, Duration.ofMillis(50));
        send(0, null, "alone");
        TestKafka.flush();
        awaitCommitted(1, 0);
        send(1, null, "later");
        TestKafka.flush();
        awaitCommitted(1, 1);
        close(engine);
    }

    @Test
    void burstOfOneKeyDoesNotLingerForEachTask() throws Exception {
        int count = 300;
        for (int i = 0; i < count; i++) {
            send(0, "key", "" + i);
        }
        TestKafka.flush();
        // One after the other they would wait for much longer than a test does.
        Engine engine = start(100, Duration.ofSeconds(2));
        awaitCommitted(count, 0);
        close(engine);
        assertEquals(count, figures.batches(), "a batch has one task of a key");
    }

    @Test
    void badRecordIsIsolatedAndHasItsOwnAttempts() throws Exception {
        Engine engine = start("probe-batch-component", (task, failure, attempts) -> attempts < 3
                ? new Verdict.Retry(Duration.ofMillis(1)) : Verdict.SKIP, 5, LONG);
        List.of("a", "b", "panic", "skip d", "e").forEach(value -> send(0, null, value));
        TestKafka.flush();
        awaitCommitted(5, 0);
        close(engine);
        List<List<String>> batches = batches();
        assertEquals(List.of("a", "b", "panic", "skip d", "e"), batches.get(0));
        // The other guest makes the further attempts of those that fail, perhaps at once.
        assertEquals(List.of("a", "b", "panic", "skip d", "e"),
                batches.subList(1, 10).stream().map(batch -> batch.get(0)).distinct().toList(), "each alone, in order");
        assertEquals(10, batches.size(), "and two more attempts of the two that fail");
        assertEquals(3, figures.done());
        assertEquals(2, figures.skipped());
        assertEquals(1, figures.failedBatches());
    }

    @Test
    void commitsNothingBehindATaskThatStops() throws Exception {
        Engine engine = start(4, LONG);
        List.of("a", "b", "fatal here", "d").forEach(value -> send(0, null, value));
        TestKafka.flush();
        Await.result("the engine to end", engine.ended());
        close(engine);
        long committed = TestKafka.committed(group, topic).getOrDefault(0, 0L);
        assertTrue(stopCommits() ? committed == 2 : committed <= 2, "committed " + committed);
        // The task behind it was in the same batch, and does not wait for its turn if many are in flight.
        assertEquals(oneAtATime() ? 2 : 3, figures.done());
    }

    @Test
    void closeFinishesTheBatchAndWhatLingers() throws Exception {
        Engine engine = start(4, LONG);
        List.of("sleep 500", "b", "c", "d", "lingers").forEach(value -> send(0, null, value));
        TestKafka.flush();
        // An engine with one task at a time takes a task when its batch begins. So the last one is for the next start.
        int taken = oneAtATime() ? 4 : 5;
        Await.until("the batch to begin", () -> figures.inFlight() == (oneAtATime() ? 1 : 5) && inGuest());
        close(engine);
        assertEquals(Map.of(0, (long) taken), TestKafka.committed(group, topic));
        assertFalse(engine.ended().isDone(), "an engine that is closed did not end by itself");
        assertEquals(taken, figures.done());
    }

    @Test
    void closeReturnsInTimeDuringABatch() throws Exception {
        Engine engine = start(2, LONG);
        List.of("sleep 10000", "b").forEach(value -> send(0, null, value));
        TestKafka.flush();
        Await.until("the batch to begin", this::inGuest);
        assertFalse(engine.close(Duration.ofSeconds(1)), "gave up");
        assertEquals(Map.of(), TestKafka.committed(group, topic));
        if (!oneAtATime()) {  // there the guest is closed at once, and logs nothing more
            Await.until("the guest to return, before another test looks at the log", () -> batches().size() == 1);
        }
    }

    /** Has a member join while tasks of both partitions wait for others, for longer than any test. */
    @Test
    void rebalanceInTheMiddleOfABatchLosesNothing() throws Exception {
        int count = 400;
        for (int i = 0; i < count; i++) {
            send(i % PARTITIONS, i % 2 == 0 ? null : "key-" + i % 20, i % 50 == 0 ? "sleep 300" : "" + i);
        }
        TestKafka.flush();
        Engine first = start(30, LONG);
        Await.until("some tasks", () -> figures.done() > 0);
        Engine second = start(30, Duration.ofMillis(100));
        Await.until("both members to have their share", () -> first.ready() && second.ready());
        close(first);
        awaitCommitted(count / 2, count / 2);
        close(second);
        // Where no rebalance divides a batch, no finished task comes again either, unless a transaction is aborted.
        boolean once = oneAtATime() && stopCommits();
        assertTrue(once ? figures.done() == count : figures.done() >= count, figures.done() + " tasks done");
    }
}
