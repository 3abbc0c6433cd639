package io.github.wasmton.internal.run;

import static io.github.wasmton.testing.TestGuests.guest;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

import ch.qos.logback.classic.Level;
import io.github.wasmton.failure.FailurePolicy;
import io.github.wasmton.failure.Verdict;
import io.github.wasmton.guest.GuestModule;
import io.github.wasmton.guest.GuestOptions;
import io.github.wasmton.guest.Outcome;
import io.github.wasmton.guest.Task;
import io.github.wasmton.internal.engine.Decision;
import io.github.wasmton.internal.stats.TaskCounters;
import io.github.wasmton.internal.stats.ThreadState;
import io.github.wasmton.testing.Await;
import io.github.wasmton.testing.GuestLogCapture;
import io.github.wasmton.testing.LogCapture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BatchesTest {
    private static final Duration LONG = Duration.ofHours(1);
    private static final FailurePolicy STOP = (task, failure, attempts) -> new Verdict.Stop("not asked");

    private final GuestLogCapture log = new GuestLogCapture(Level.INFO);
    private final TaskCounters figures = new TaskCounters();
    private final List<AutoCloseable> opened = new ArrayList<>();

    @AfterEach
    void close() throws Exception {
        for (int i = opened.size() - 1; i >= 0; i--) {
            opened.get(i).close();
        }
        log.close();
    }

    private AsyncTaskRunner runner(String name, FailurePolicy policy, int size, Duration linger) {
        GuestModule module = GuestModule.load(guest(name), GuestOptions.DEFAULT);
        opened.add(module);
        RunContext context = new RunContext(policy, figures);
        AsyncTaskRunner runner = new AsyncTaskRunner(new Batches(module, context, size, linger, 1), context);
        opened.add(runner);
        return runner;
    }

    private AsyncTaskRunner runner(int size, Duration linger) {
        return runner("probe-batch", STOP, size, linger);
    }

    private static List<CompletableFuture<Decision>> give(AsyncTaskRunner runner, String... values) {
        return IntStream.range(0, values.length)
                .mapToObj(i -> runner.process(new Task("t", i % 2, i, values[i].getBytes(UTF_8)))).toList();
    }

    private static void assertAll(Decision expected, List<CompletableFuture<Decision>> decisions) throws Exception {
        for (CompletableFuture<Decision> decision : decisions) {
            assertEquals(expected, Await.result("the decision", decision));
        }
    }

    /** Returns the values of each batch that the guest got. */
    private List<String> batches() {
        return log.lines().stream().filter(line -> line.contains(": batch: "))
                .map(line -> line.replaceAll(".*: batch: ", "")).toList();
    }

    @Test
    void batchBeginsWhenItIsFull() throws Exception {
        AsyncTaskRunner runner = runner(3, LONG);
        List<CompletableFuture<Decision>> all = give(runner, "a", "b", "c", "d", "e", "f", "g");
        assertAll(Decision.COMPLETE, all.subList(0, 6));
        assertEquals(List.of("a, b, c", "d, e, f"), batches());
        assertFalse(all.get(6).isDone(), "it waits for others");
        assertEquals(2, figures.batches());
        assertEquals(6, figures.batchedTasks());
        assertEquals(6, figures.done());
        assertEquals(1, figures.instances());
        runner.flush();
        assertAll(Decision.COMPLETE, all);
        assertEquals(List.of("a, b, c", "d, e, f", "g"), batches());
    }

    @Test
    void batchBeginsWhenItsFirstTaskHasLingered() throws Exception {
        assertAll(Decision.COMPLETE, give(runner(1_000, Duration.ofMillis(20)), "a", "b"));
        // The time counts from when the engine had the task: one that waited for its key waits no more.
        CompletableFuture<Decision> late = runner(1_000, LONG).process(new Task("t", 0, 0, "late".getBytes(UTF_8)),
                System.nanoTime() - LONG.toNanos());
        assertEquals(Decision.COMPLETE, Await.result("the decision", late));
    }

    @ParameterizedTest
    @ValueSource(strings = {"probe-batch", "probe-batch-component"})
    void badTaskTakesNoOtherWithIt(String name) throws Exception {
        try (LogCapture failures = new LogCapture(FailureLog.class, Level.WARN)) {
            AsyncTaskRunner runner = runner(name, (task, failure, attempts) -> attempts < 2
                    ? new Verdict.Retry(Duration.ofMillis(1)) : Verdict.SKIP, 4, LONG);
            assertAll(Decision.COMPLETE, give(runner, "a", "panic", "c", "skip d"));
            // The batch, each task alone, and the bad one's second attempt.
            assertEquals(List.of("a, panic, c, skip d", "a", "panic", "c", "skip d"), batches().subList(0, 5));
            assertEquals(1, figures.failedBatches());
            assertEquals(2, figures.failures(Outcome.Kind.TRAP), "the batch's failure is nobody's attempt");
            assertEquals(2, figures.done());
            assertEquals(2, figures.skipped());
            assertEquals(figures.instances(), figures.replaced() + 1);
            assertEquals(3, figures.replaced(), "by the batch and by each attempt");
            String logged = String.join("\n", failures.lines());
            assertTrue(logged.contains("Batch failed: 4 tasks, the first one t-0@0: "), logged);
            assertTrue(logged.contains("as it was told"), logged);
        }
    }

    @Test
    void furtherAttemptIsABatchOfOne() throws Exception {
        AsyncTaskRunner runner = runner("probe-batch", (task, failure, attempts) -> attempts < 3
                ? new Verdict.Retry(Duration.ofMillis(1)) : Verdict.SKIP, 2, LONG);
        assertAll(Decision.COMPLETE, give(runner, "a", "retry later"));
        assertEquals(List.of("a, retry later", "retry later", "retry later"), batches());
        assertEquals(2, figures.retried());
        assertEquals(0, figures.failedBatches());
    }

    @Test
    void guestThatDoesNotStartFailsEachTaskOnce() throws Exception {
        AsyncTaskRunner runner = runner("probe-batch", (task, failure, attempts) -> failure.kind() == Outcome.Kind.HOST
                ? Verdict.SKIP : new Verdict.Stop("not " + failure), 3, LONG);
        ((GuestModule) opened.get(0)).close();
        assertAll(Decision.COMPLETE, give(runner, "a", "b", "c"));
        assertEquals(3, figures.failures(Outcome.Kind.HOST));
        assertEquals(0, figures.failedBatches());
    }

    @Test
    void tasksOfPartitionsThatGoAreAbandonedUnlessTheGuestHasThem() throws Exception {
        AsyncTaskRunner runner = runner(100, LONG);
        List<CompletableFuture<Decision>> all = give(runner, "a", "b", "c", "d");
        runner.endWaits(partition -> partition == 1);
        assertAll(Decision.ABANDON, List.of(all.get(1), all.get(3)));
        runner.end();
        assertAll(Decision.COMPLETE, List.of(all.get(0), all.get(2)));
        assertEquals(List.of("a, c"), batches(), "the end lets nothing wait for others");
    }

    @Test
    void closeAbandonsWhatTheGuestHasAndWhatWaits() throws Exception {
        AsyncTaskRunner runner = runner(2, LONG);
        List<CompletableFuture<Decision>> all = give(runner, "a", "sleep 3000", "c");
        Await.until("the guest to have the first two", () -> figures.threads().stream()
                .filter(state -> ThreadState.inGuest(state.stamp())).count() == 2);
        runner.close();
        assertAll(Decision.ABANDON, all);
        assertEquals(0, figures.done());
        assertEquals(Decision.ABANDON, Await.result("the decision", give(runner, "late").get(0)));
        Await.until("the guest to return, before another test looks at the log", () -> batches().size() == 1);
    }

    @Test
    void tasksThatDoNotFitIntoABatchAreInTheNext() throws Exception {
        String large = "x".repeat(400_000);
        assertAll(Decision.COMPLETE, give(runner(5, LONG), large, large, large, large, large));
        assertEquals(3, figures.batches());
        assertEquals(5, figures.batchedTasks());
        assertEquals(5, figures.done());
    }
}
