package io.github.wasmton.guest;

import static io.github.wasmton.testing.TestGuests.guest;
import static io.github.wasmton.testing.TestGuests.task;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import org.junit.jupiter.api.Test;

/** Guests of protocol 0 that became components through the linker's adapter. */
class Protocol0ComponentTest {
    private static Outcome poll(Task... tasks) {
        try (GuestModule module = GuestModule.load(guest("polling"), GuestOptions.DEFAULT);
                Guest guest = module.instantiate()) {
            Outcome outcome = null;
            for (Task task : tasks) {
                outcome = guest.process(task);
            }
            return outcome;
        }
    }

    @Test
    void oddPollsDoNoHarmAndLeaveTheTaskInPlace() {
        assertSame(Outcome.DONE, poll(task("0 task")));
        assertSame(Outcome.DONE, poll(task("0 task"), task("0 another"), task("0 third")));
    }

    @Test
    void largerBufferGetsATaskThatDidNotFit() {
        assertSame(Outcome.DONE, poll(task("0".repeat(17))));
        assertSame(Outcome.DONE, poll(task("0".repeat(1 << 20))));
    }

    @Test
    void taskNotTakenFailsAndTheNextPollGetsTheNextTask() {
        Outcome.Failed failed = (Outcome.Failed) poll(task("0".repeat((2 << 20) + 1)));
        assertEquals(Outcome.Kind.NOT_TAKEN, failed.kind());
        assertEquals("run returned without taking the task: its buffer of 2097152 bytes cannot hold 2097153",
                failed.reason());
        assertSame(Outcome.DONE, poll(task("0".repeat((2 << 20) + 1)), task("0 task")));
    }

    @Test
    void nonzeroStatusIsAFailure() {
        assertEquals(new Outcome.Failed(Outcome.Kind.SKIP, "run returned 3", ""), poll(task("3 task")));
        assertEquals(new Outcome.Failed(Outcome.Kind.REFUSED, "run returned 5", ""), poll(task("5 task")));
        assertEquals(new Outcome.Failed(Outcome.Kind.REFUSED, "run returned -1", ""), poll(task("/ task")));
    }
}
