package io.github.wasmton.internal.engine;

import io.github.wasmton.guest.Task;

/** Processes the tasks of one engine thread. The engine creates, uses and closes it; one thread at a time. */
public interface TaskProcessor extends AutoCloseable {
    /** Processes one task and returns the decision on its record. An exception means {@link Decision#STOP}. */
    Decision process(Task task);

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
