package io.github.wasmton.internal.run;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import ch.qos.logback.classic.Level;
import io.github.wasmton.failure.FailurePolicy;
import io.github.wasmton.failure.Verdict;
import io.github.wasmton.guest.GuestModule;
import io.github.wasmton.guest.GuestOptions;
import io.github.wasmton.guest.Outcome;
import io.github.wasmton.guest.Task;
import io.github.wasmton.internal.engine.Decision;
import io.github.wasmton.internal.engine.TaskProcessor;
import io.github.wasmton.internal.stats.TaskCounters;
import io.github.wasmton.internal.stats.ThreadState;
import io.github.wasmton.testing.Await;
import io.github.wasmton.testing.Guests;
import io.github.wasmton.testing.LogCapture;
import io.github.wasmton.testing.OnThread;
import io.github.wasmton.testing.TestGuests;
import io.github.wasmton.testing.Wasm;
import io.github.wasmton.wasmtime.wasi.PreopenDir;
import io.github.wasmton.wasmtime.wasi.WasiConfig;

class TaskRunnerTest {
    private static final Verdict.Retry AT_ONCE = new Verdict.Retry(Duration.ZERO);
    private static final Verdict.Stop STOP = new Verdict.Stop("the test says so");

    private final LogCapture log = new LogCapture(FailureLog.class, Level.INFO);
    private final GuestModule module = Wasm.guest(Guests.TRAPS_AT_F, GuestOptions.DEFAULT);
    private final TaskCounters figures = new TaskCounters();
    private final List<Task> failed = new ArrayList<>();
    private final List<Outcome.Failed> failures = new ArrayList<>();

    @AfterEach
    void close() {
        module.close();
        log.close();
    }

    @Test
    void successfulTasksNeedNoPolicy() {
        try (TaskRunner runner = runner(STOP)) {
            assertEquals(Decision.COMPLETE, runner.process(task("good")));
            assertEquals(Decision.COMPLETE, runner.process(new Task("topic", 0, 0, null)));
        }
        assertEquals(List.of(), failures);
        assertEquals(2, figures.done());
        assertEquals(0, figures.failed());
        assertEquals(1, figures.instances());
        assertEquals(0, figures.replaced());
    }

    @Test
    void policyDecidesAboutAFailedTaskAndTheNextGetsAFreshGuest() {
        Task bad = task("fails");
        for (Verdict verdict : List.of(STOP, Verdict.SKIP)) {
            failed.clear();
            failures.clear();
            try (TaskRunner runner = runner(verdict)) {
                assertEquals(verdict == STOP ? Decision.STOP : Decision.COMPLETE, runner.process(bad));
                assertEquals(Decision.COMPLETE, runner.process(task("good")), "the next task has a fresh guest");
            }
            assertEquals(1, failed.size());
            assertSame(bad, failed.get(0));
            assertEquals(Outcome.Kind.TRAP, failures.get(0).kind());
        }
        assertEquals(2, figures.done());
        assertEquals(2, figures.failed());
        assertEquals(4, figures.instances());
        assertEquals(2, figures.replaced());
    }

    @Test
    void seriesIsSettledTaskByTask() {
        List<Task> tasks = List.of(task("nothing"), task("retry"), task("nothing"), task("trap"), task("nothing"));
        try (GuestModule probe = GuestModule.load(TestGuests.guest("probe-c"), GuestOptions.DEFAULT)) {
            try (TaskRunner runner = new TaskRunner(probe, handler(Verdict.SKIP))) {
                // A series ends early if its thread has to wait for a processor.
                for (int complete = 0; complete < tasks.size(); ) {
                    TaskProcessor.Progress progress = runner.process(tasks.subList(complete, tasks.size()));
                    assertEquals(Decision.COMPLETE, progress.decision());
                    assertTrue(progress.complete() > 0);
                    complete += progress.complete();
                }
            }
            assertEquals(List.of(tasks.get(1), tasks.get(3)), failed);
            assertEquals(3, figures.done());
            assertEquals(2, figures.failed());
            assertEquals(2, figures.instances());
            try (TaskRunner runner = new TaskRunner(probe, handler(STOP))) {
                assertEquals(new TaskProcessor.Progress(0, Decision.STOP), runner.process(tasks.subList(1, 5)));
            }
        }
    }

    @Test
    void seriesIsAsLongAsTheGuestGetsOnWith() throws Exception {
        List<Task> tasks = new ArrayList<>(Collections.nCopies(100, task("nothing")));
        try (GuestModule probe = GuestModule.load(TestGuests.guest("probe-c"), GuestOptions.DEFAULT);
                TaskRunner runner = new TaskRunner(probe, handler(Verdict.SKIP));
                TaskRunner other = runner(Verdict.SKIP)) {
            assertEquals(1, other.series(), "protocol 0");
            assertEquals(2, runner.series());
            // A series ends early if its thread has to wait for a processor.
            Await.until("series of 100", () -> runner.process(tasks.subList(0, runner.series())).complete() == 100);
            assertEquals(100, runner.series());
            tasks.set(10, task("skip"));
            Await.until("a series up to the eleventh task", () -> runner.process(tasks).complete() == 10);
            assertEquals(11, runner.series());
            assertEquals(0, failed.size(), "its outcome is settled by the next call");
            assertEquals(1, runner.process(tasks.subList(10, 21)).complete());
            assertEquals(1, failed.size());
            tasks.set(11, task("skip"));
            assertEquals(1, runner.process(tasks.subList(11, 22)).complete());
            assertEquals(2, runner.series());
            assertEquals(2, failed.size());
        }
    }

    @Test
    void retriesTasksAsOftenAsThePolicySays() {
        FailurePolicy policy = (task, failure, attempts) -> {
            failed.add(task);
            return attempts < 3 ? AT_ONCE : STOP;
        };
        try (TaskRunner runner = new TaskRunner(module, new RunContext(policy, figures))) {
            assertEquals(Decision.STOP, runner.process(task("fails")));
        }
        assertEquals(3, failed.size());
        assertEquals(3, figures.failures(Outcome.Kind.TRAP));
        assertEquals(2, figures.retried());
        assertEquals(3, figures.replaced(), "each attempt has a fresh instance");
        assertEquals(0, figures.done());
        assertEquals(1, figures.stopped());
    }

    /** Traps at the first two tasks of a start, which it counts in a file. */
    @Test
    void tasksThatSucceedAtALaterAttemptAreDone(@TempDir Path directory) throws Exception {
        String wat = """
                (module
                  (import "decaton" "poll_task" (func $poll_task (param i64 i32) (result i32)))
                  (import "wasi_snapshot_preview1" "path_create_directory"
                    (func $mkdir (param i32 i32 i32) (result i32)))
                  (memory (export "memory") 1)
                  (data (i32.const 0) "ab")
                  (func (export "run")
                    (drop (call $poll_task (i64.const 100) (i32.const 1000)))
                    (if (i32.eqz (call $mkdir (i32.const 3) (i32.const 0) (i32.const 1))) (then (unreachable)))
                    (if (i32.eqz (call $mkdir (i32.const 3) (i32.const 1) (i32.const 1))) (then (unreachable)))))
                """;
        WasiConfig wasi = new WasiConfig(List.of(), Map.of(), List.of(new PreopenDir(directory.toString(), "/")));
        try (GuestModule twice = Wasm.guest(wat, GuestOptions.DEFAULT.withWasi(wasi));
             TaskRunner runner = new TaskRunner(twice,
                     new RunContext((task, failure, attempts) -> attempts < 3 ? AT_ONCE : STOP, figures))) {
            assertEquals(Decision.COMPLETE, runner.process(task("anything")));
        }
        assertEquals(1, figures.done());
        assertEquals(0, figures.failed());
        assertEquals(2, figures.retried());
        assertEquals(2, figures.replaced());
    }

    @Test
    void guestsSeeTheAttempt() {
        List<Integer> attempts = new ArrayList<>();
        FailurePolicy policy = (task, failure, attempt) -> {
            attempts.add(task.attempt());
            return attempt < 2 ? AT_ONCE : STOP;
        };
        try (TaskRunner runner = new TaskRunner(module, new RunContext(policy, figures))) {
            runner.process(task("fails"));
        }
        // The policy and the dead letter get the task as the engine delivered it; GuestTest shows what a guest gets.
        assertEquals(List.of(1, 1), attempts);
    }

    @Test
    void guestsThatRefuseLiveOn() {
        String wat = """
                (module
                  (import "decaton" "poll_task" (func $poll_task (param i64 i32) (result i32)))
                  (memory (export "memory") 1)
                  (func (export "run") (result i32)
                    (drop (call $poll_task (i64.const 0) (i32.const 1000)))
                    (i32.const 3)))
                """;
        try (GuestModule skipping = Wasm.guest(wat, GuestOptions.DEFAULT);
             TaskRunner runner = new TaskRunner(skipping, handler(Verdict.SKIP))) {
            assertEquals(Decision.COMPLETE, runner.process(task("good")));
            assertEquals(Decision.COMPLETE, runner.process(task("good")));
        }
        assertEquals(Outcome.Kind.SKIP, failures.get(0).kind());
        assertEquals(1, figures.instances());
        assertEquals(0, figures.replaced());
    }

    @Test
    void shutdownEndsAWaitBetweenAttempts() throws Exception {
        RunContext failures = handler(new Verdict.Retry(Duration.ofDays(1)));
        CompletableFuture<Decision> decision = new CompletableFuture<>();
        try (TaskRunner runner = new TaskRunner(module, failures)) {
            OnThread thread = OnThread.start("processing", () -> decision.complete(runner.process(task("fails"))));
            Await.until("the wait", () -> figures.retried() == 1);
            assertFalse(decision.isDone());
            failures.shutdown().begin();
            assertEquals(Decision.ABANDON, Await.result("the end of the wait", decision));
            thread.join();
        }
        assertEquals(0, figures.failed());
    }

    @Test
    void interruptedWaitsAbandonTheTask() throws Exception {
        CompletableFuture<Decision> decision = new CompletableFuture<>();
        try (TaskRunner runner = runner(new Verdict.Retry(Duration.ofDays(1)))) {
            Thread thread = new Thread(() -> decision.complete(runner.process(task("fails"))), "processing");
            thread.start();
            Await.until("the wait", () -> figures.retried() == 1);
            thread.interrupt();
            assertEquals(Decision.ABANDON, Await.result("the end of the wait", decision));
            thread.join();
        }
    }

    @Test
    void instancesThatCannotBeMadeAreFailuresOfTheHost() {
        module.close();
        try (TaskRunner runner = runner(STOP)) {
            assertEquals(Decision.STOP, runner.process(task("good")));
        }
        assertEquals(Outcome.Kind.HOST, failures.get(0).kind());
        assertTrue(failures.get(0).reason().startsWith("the host failed: "), failures.get(0).reason());
        assertEquals(0, figures.done());
        assertEquals(0, figures.instances());
    }

    @Test
    void guestsThatDoNotStartAreFailuresOfTheHost() {
        String wat = """
                (module (memory (export "memory") 1) (func (export "run")) (func (export "_initialize") unreachable))
                """;
        try (GuestModule trapping = Wasm.guest(wat, GuestOptions.DEFAULT);
             TaskRunner runner = new TaskRunner(trapping, handler(STOP))) {
            assertEquals(Decision.STOP, runner.process(task("good")));
        }
        assertEquals(Outcome.Kind.HOST, failures.get(0).kind());
        assertTrue(failures.get(0).reason().startsWith("the guest does not start: "), failures.get(0).reason());
    }

    @Test
    void closedRunnersProcessNothing() {
        TaskRunner runner = runner(STOP);
        assertEquals(Decision.COMPLETE, runner.process(task("good")));
        runner.close();
        assertEquals(Decision.ABANDON, runner.process(task("good")));
        assertEquals(List.of(), failures, "no failure: it comes again");
        assertEquals(1, figures.done());
    }

    @Test
    void runnersClosedBeforeTheirFirstTaskKeepNoGuest() {
        TaskRunner runner = runner(STOP);
        runner.close();
        assertEquals(Decision.ABANDON, runner.process(task("good")));
        assertEquals(0, figures.done());
    }

    @Test
    void samplesTimesAfterTheFirstTasks() {
        int tasks = 32 + 30 * 32;
        try (TaskRunner runner = runner(STOP)) {
            runner.process(task("good"));
            assertTrue(figures.timeInGuest().meanNanos() > 0, "the first task is timed");
            for (int i = 1; i < tasks; i++) {
                runner.process(task("good"));
            }
        }
        assertEquals(tasks, figures.done());
        long counted = figures.timeInGuest().count();
        assertTrue(counted > tasks - 32 && counted <= tasks, counted + " of " + tasks);
        assertEquals(0, figures.latency().count(), "no timestamp, no latency");
    }

    @Test
    void latencyRunsFromTheTimestampToAnyEnd() {
        long longAgo = System.currentTimeMillis() - 1_000_000;
        try (TaskRunner runner = runner(Verdict.SKIP)) {
            for (String text : List.of("good", "fails", "good")) {
                runner.process(new Task("topic", 1, 2, longAgo, null, text.getBytes(UTF_8), List.of(), 1));
            }
        }
        assertEquals(3, figures.latency().count());
        assertTrue(figures.latency().meanNanos() >= 1000e9, figures.latency().meanNanos() + " ns");
    }

    @Test
    void tasksAreInFlightInTheGuestAndWhileTheyWait() {
        List<Long> inFlight = new ArrayList<>();
        try (TaskRunner runner = new TaskRunner(module, new RunContext((task, failure, attempts) -> {
            inFlight.add(figures.inFlight());
            assertFalse(figures.threads().stream().anyMatch(activity -> ThreadState.inGuest(activity.stamp())));
            return attempts < 2 ? AT_ONCE : STOP;
        }, figures))) {
            runner.process(task("fails"));
            assertEquals(List.of(1L, 1L), inFlight);
            assertEquals(0, figures.inFlight());
            assertEquals(1, figures.threads().size());
        }
        assertEquals(0, figures.threads().size());
    }

    private TaskRunner runner(Verdict verdict) {
        return new TaskRunner(module, handler(verdict));
    }

    private RunContext handler(Verdict verdict) {
        return new RunContext((task, failure, attempts) -> {
            failed.add(task);
            failures.add(failure);
            return verdict;
        }, figures);
    }

    private static Task task(String text) {
        return new Task("topic", 1, 2, text.getBytes(UTF_8));
    }
}
