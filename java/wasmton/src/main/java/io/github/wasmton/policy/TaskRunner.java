package io.github.wasmton.policy;

import io.github.wasmton.engine.Decision;
import io.github.wasmton.engine.TaskProcessor;
import io.github.wasmton.guest.Guest;
import io.github.wasmton.guest.GuestModule;
import io.github.wasmton.guest.Outcome;
import io.github.wasmton.guest.Task;
import io.github.wasmton.wasmtime.WasmtimeException;

/**
 * Runs the tasks of one thread in a guest of its own, and asks the policy about those that fail. The way of a task that
 * succeeds takes no lock and allocates nothing.
 */
public final class TaskRunner implements TaskProcessor {
    /**
     * The time of the first so many tasks is taken, then of one in so many: reading the clock twice costs about 50 ns,
     * and a small task takes 90 in all.
     */
    private static final int TIMED = 16;

    private final GuestModule module;
    private final FailurePolicy policy;
    private final Figures figures;
    private volatile Guest guest;  // volatile for close(), which may come from another thread
    private int timed;
    private int untilTimed;

    /** The module must outlive the runner; the guest is made by the thread that brings the first task. */
    public TaskRunner(GuestModule module, FailurePolicy policy, Figures figures) {
        this.module = module;
        this.policy = policy;
        this.figures = figures;
    }

    @Override
    public Decision process(Task task) {
        Outcome outcome = run(task);
        if (outcome instanceof Outcome.Failed failure) {
            figures.countFailed();
            return policy.decide(task, failure);
        }
        figures.countDone();
        return Decision.COMPLETE;
    }

    private Outcome run(Task task) {
        try {
            Guest guest = this.guest;
            if (guest == null) {
                this.guest = guest = module.instantiate();
            }
            if (untilTimed > 0) {
                untilTimed--;
                return guest.process(task);
            }
            if (timed < TIMED) {
                timed++;
            } else {
                untilTimed = TIMED - 1;
            }
            long start = System.nanoTime();
            Outcome outcome = guest.process(task);
            figures.countTime(System.nanoTime() - start);
            return outcome;
        } catch (WasmtimeException e) {
            return new Outcome.Failed(Outcome.Kind.HOST, "the guest does not start: " + e.getMessage(), "");
        } catch (Throwable e) {
            // Whatever it is, the task was not processed, and only what is told to the policy is told to anybody.
            return new Outcome.Failed(Outcome.Kind.HOST, "the host failed: " + e, "");
        }
    }

    @Override
    public void close() {
        Guest guest = this.guest;
        if (guest != null) {
            guest.close();
        }
    }
}
