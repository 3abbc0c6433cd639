package io.github.wasmton.internal.engine;

import java.util.List;

import io.github.wasmton.guest.Outcome;
import io.github.wasmton.guest.Task;

/** Processes the tasks of one engine thread. The engine creates, uses and closes it; one thread at a time. */
public interface TaskProcessor extends AutoCloseable {
    /** Processes one task and returns the decision on its record. An exception means {@link Decision#STOP}. */
    Decision process(Task task);

    /**
     * Processes one task on an engine that commits its effects. The default ignores that.
     *
     * @throws EngineException as the effects threw it; it is not {@link Decision#STOP}
     */
    default Decision process(Task task, Effects effects) {
        return process(task);
    }

    /** Returns how many tasks {@link #process(List)} wants at once; 1 if it is not faster than one at a time. */
    default int series() {
        return 1;
    }

    /**
     * The progress with a series of tasks.
     *
     * @param complete the number of tasks at its start that are complete; fewer than all does not mean a failure
     * @param decision the decision on the task behind them, if it was begun and is not complete; else COMPLETE
     */
    record Progress(int complete, Decision decision) {}

    /**
     * Processes tasks in their order, all or the first ones, one at least. A task begins when the one before is
     * complete, as with {@link #process(Task)}.
     */
    default Progress process(List<Task> tasks) {
        Decision decision = process(tasks.get(0));
        return new Progress(decision == Decision.COMPLETE ? 1 : 0, decision);
    }

    /**
     * Makes the first attempt at tasks as one batch, before their turns. At its turn, each goes on with
     * {@link #process(Task, Outcome, Effects)}.
     *
     * @param batch one task or more, of {@link EngineConfig#batches}
     * @return the outcomes of the first tasks, one at least; the others have not begun. {@code null} stands for a task
     *         that begins at its turn, by {@link #process(Task, Effects)}
     */
    default List<Outcome> attempt(List<Task> batch) {
        throw new UnsupportedOperationException("this processor takes no batches");
    }

    /**
     * Processes a task whose first attempt was made by {@link #attempt}.
     *
     * @param first the outcome of that attempt
     */
    default Decision process(Task task, Outcome first, Effects effects) {
        throw new UnsupportedOperationException("this processor takes no batches");
    }

    /**
     * Ends the back-off of the task in progress, if it is in one: {@link #process} then returns
     * {@link Decision#ABANDON}. An engine calls this repeatedly while it waits for a task whose partition goes to
     * another member, until the task has ended. Any thread may call it.
     */
    default void endWait() {
        // Nothing waits.
    }

    /** Returns whether the task in progress waits for its next attempt. Any thread may call it. */
    default boolean isWaiting() {
        return false;
    }

    /**
     * Closes the processor. The engine calls this once, when no task is in progress; after the time limit of its close
     * also during a task.
     */
    @Override
    void close();
}
