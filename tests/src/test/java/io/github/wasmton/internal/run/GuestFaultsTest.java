package io.github.wasmton.internal.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

import ch.qos.logback.classic.Level;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

import io.github.wasmton.failure.FailurePolicy;
import io.github.wasmton.failure.FailureAction;
import io.github.wasmton.failure.FailureOptions;
import io.github.wasmton.guest.GuestModule;
import io.github.wasmton.guest.GuestOptions;
import io.github.wasmton.guest.Outcome;
import io.github.wasmton.guest.Task;
import io.github.wasmton.internal.engine.Decision;
import io.github.wasmton.internal.stats.TaskCounters;
import io.github.wasmton.testing.Await;
import io.github.wasmton.testing.LogCapture;
import io.github.wasmton.testing.OnThread;
import io.github.wasmton.testing.Wasm;

/** Tests every fault of a guest at every stage of its life: the task is never taken for done, and the next one is. */
class GuestFaultsTest {
    private static final GuestOptions OPTIONS =
            GuestOptions.DEFAULT.withDeadline(Duration.ofMillis(500)).withStartDeadline(Duration.ofMillis(500));
    private static final FailureOptions TWICE =
            FailureOptions.DEFAULT.withAttempts(2).withBackoff(Duration.ofMillis(1), Duration.ofMillis(1));

    enum Fault {
        TRAP("(unreachable)", Outcome.Kind.TRAP),
        EXIT("(call $exit (i32.const 0))", Outcome.Kind.EXIT),
        DEADLINE("(loop $forever (br $forever))", Outcome.Kind.DEADLINE),
        OVERFLOW("(call $recurse)", Outcome.Kind.TRAP);

        final String code;
        final Outcome.Kind kind;

        Fault(String code, Outcome.Kind kind) {
            this.code = code;
            this.kind = kind;
        }
    }

    private final LogCapture log = new LogCapture(FailureLog.class, Level.INFO);
    private final TaskCounters figures = new TaskCounters();

    @AfterEach
    void close() {
        log.close();
    }

    /** A guest with that code in its start function, in {@code _initialize}, and in an instance's n-th task. */
    private static GuestModule guest(String start, String initialize, int nth, String run) {
        return Wasm.guest("""
                (module
                  (import "decaton" "poll_task" (func $poll_task (param i64 i32) (result i32)))
                  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
                  (memory (export "memory") 1)
                  (global $tasks (mut i32) (i32.const 0))
                  (func $recurse (call $recurse))
                  (func $start %s)
                  (start $start)
                  (func (export "_initialize") %s)
                  (func (export "run")
                    (drop (call $poll_task (i64.const 0) (i32.const 1000)))
                    (global.set $tasks (i32.add (global.get $tasks) (i32.const 1)))
                    (if (i32.eq (global.get $tasks) (i32.const %d)) (then %s))))
                """.formatted(start, initialize, nth, run), OPTIONS);
    }

    static Stream<Arguments> faultsOfTheStart() {
        return Stream.of(Fault.values())
                .flatMap(fault -> Stream.of(Arguments.of(fault, true), Arguments.of(fault, false)));
    }

    @ParameterizedTest
    @MethodSource("faultsOfTheStart")
    void guestsThatDoNotStartAreRetriedAndThenStopEverything(Fault fault, boolean startFunction) {
        String start = startFunction ? fault.code : "";
        String initialize = startFunction ? "" : fault.code;
        try (GuestModule module = guest(start, initialize, 0, "");
             RunContext failures = handler(TWICE.withDeadLetterTopic("dead"));
             TaskRunner runner = new TaskRunner(module, failures)) {
            assertEquals(Decision.STOP, runner.process(task()));
            assertTrue(log.lines().get(0).contains("the guest does not start: "), log.lines().toString());
        }
        assertEquals(2, figures.failures(Outcome.Kind.HOST), "it was tried again");
        assertEquals(0, figures.instances());
        assertEquals(0, figures.done());
        assertEquals(0, figures.deadLettered());
    }

    @ParameterizedTest
    @EnumSource(Fault.class)
    void faultsAtTheFirstTaskFailEveryTask(Fault fault) {
        try (GuestModule module = guest("", "", 1, fault.code);
             RunContext failures = handler(TWICE.withAction(fault.kind, FailureAction.RETRY_THEN_SKIP));
             TaskRunner runner = new TaskRunner(module, failures)) {
            for (int i = 0; i < 3; i++) {
                assertEquals(Decision.COMPLETE, runner.process(task()));
            }
        }
        assertEquals(6, figures.failures(fault.kind));
        assertEquals(6, figures.replaced());
        assertEquals(3, figures.skipped());
        assertEquals(0, figures.done());
    }

    @ParameterizedTest
    @EnumSource(Fault.class)
    void freshInstancesMendLaterFaults(Fault fault) {
        try (GuestModule module = guest("", "", 3, fault.code); RunContext failures = handler(TWICE);
             TaskRunner runner = new TaskRunner(module, failures)) {
            for (int i = 0; i < 7; i++) {
                assertEquals(Decision.COMPLETE, runner.process(task()));
            }
        }
        // Every third task of an instance fails, and is the first of the next one: tasks 3, 5 and 7.
        assertEquals(3, figures.failures(fault.kind));
        assertEquals(3, figures.replaced());
        assertEquals(7, figures.done());
        assertEquals(0, figures.failed());
    }

    @Test
    void closingALoopingGuestLeavesItsTaskOpen() throws Exception {
        try (GuestModule module = guest("", "", 1, Fault.DEADLINE.code); RunContext failures = handler(TWICE)) {
            TaskRunner runner = new TaskRunner(module, failures);
            CompletableFuture<Decision> decision = new CompletableFuture<>();
            OnThread processing = OnThread.start("processing", () -> decision.complete(runner.process(task())));
            Await.until("the instance", () -> figures.instances() == 1);
            runner.close();
            assertEquals(Decision.ABANDON, Await.result("the deadline", decision));
            processing.join();
        }
        assertEquals(0, figures.done());
        assertEquals(0, figures.failed());
    }

    private RunContext handler(FailureOptions options) {
        return new RunContext(FailurePolicy.of(options, figures::done), figures);
    }

    private static Task task() {
        return new Task("topic", 0, 0, new byte[1]);
    }
}
