package io.github.wasmton.policy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import io.github.wasmton.engine.Decision;
import io.github.wasmton.guest.GuestModule;
import io.github.wasmton.guest.GuestOptions;
import io.github.wasmton.guest.Outcome;
import io.github.wasmton.guest.Task;
import io.github.wasmton.testing.Guests;
import io.github.wasmton.testing.Wasm;

class TaskRunnerTest {
    private final GuestModule module = Wasm.guest(Guests.TRAPS_AT_F, GuestOptions.DEFAULT);
    private final Figures figures = new Figures();
    private final List<Task> failed = new ArrayList<>();
    private final List<Outcome.Failed> failures = new ArrayList<>();

    @AfterEach
    void close() {
        module.close();
    }

    @Test
    void aTaskThatSucceedsIsCompleteAndNobodyIsAsked() {
        try (TaskRunner runner = runner(Decision.STOP)) {
            assertEquals(Decision.COMPLETE, runner.process(task("good")));
            assertEquals(Decision.COMPLETE, runner.process(new Task("topic", 0, 0, null)));
        }
        assertEquals(List.of(), failures);
        assertEquals(2, figures.done());
        assertEquals(0, figures.failed());
    }

    @Test
    void thePolicyDecidesOverATaskThatFails() {
        Task bad = task("fails");
        for (Decision decision : Decision.values()) {
            failed.clear();
            failures.clear();
            try (TaskRunner runner = runner(decision)) {
                assertEquals(decision, runner.process(bad));
                assertEquals(Decision.COMPLETE, runner.process(task("good")), "the next task has a fresh guest");
            }
            assertEquals(1, failed.size());
            assertSame(bad, failed.get(0));
            assertEquals(Outcome.Kind.TRAP, failures.get(0).kind());
        }
        assertEquals(2, figures.done());
        assertEquals(2, figures.failed());
    }

    @Test
    void aGuestThatCannotBeMadeIsAFailureOfTheTask() {
        module.close();
        try (TaskRunner runner = runner(Decision.STOP)) {
            assertEquals(Decision.STOP, runner.process(task("good")));
        }
        assertEquals(Outcome.Kind.HOST, failures.get(0).kind());
        assertTrue(failures.get(0).reason().startsWith("the host failed: "), failures.get(0).reason());
        assertEquals(0, figures.done());
    }

    @Test
    void aGuestThatDoesNotStartIsAFailureOfTheTask() {
        String wat = """
                (module (memory (export "memory") 1) (func (export "run")) (func (export "_initialize") unreachable))
                """;
        try (GuestModule trapping = Wasm.guest(wat, GuestOptions.DEFAULT);
             TaskRunner runner = new TaskRunner(trapping, (task, failure) -> {
                 failures.add(failure);
                 return Decision.STOP;
             }, figures)) {
            assertEquals(Decision.STOP, runner.process(task("good")));
        }
        assertTrue(failures.get(0).reason().startsWith("the guest does not start: "), failures.get(0).reason());
    }

    @Test
    void aRunnerThatIsClosedProcessesNothing() {
        TaskRunner runner = runner(Decision.STOP);
        assertEquals(Decision.COMPLETE, runner.process(task("good")));
        runner.close();
        assertEquals(Decision.STOP, runner.process(task("good")));
        assertEquals(Outcome.Kind.HOST, failures.get(0).kind());
        assertEquals(1, figures.done());
    }

    @Test
    void timeIsTakenOfTheFirstTasksAndOfAPartOfTheOthers() {
        try (TaskRunner runner = runner(Decision.STOP)) {
            runner.process(task("good"));
            assertTrue(figures.meanNanosInGuest() > 0, "the first task is timed");
            for (int i = 1; i < 16 + 60 * 16; i++) {
                runner.process(task("good"));
            }
        }
        assertEquals(16 + 60 * 16, figures.done());
        assertEquals(16 + 60, figures.timed());
    }

    private TaskRunner runner(Decision decision) {
        return new TaskRunner(module, (task, failure) -> {
            failed.add(task);
            failures.add(failure);
            return decision;
        }, figures);
    }

    private static Task task(String text) {
        return new Task("topic", 1, 2, text.getBytes(UTF_8));
    }
}
