package io.github.wasmton.internal.engine;

import io.github.wasmton.guest.Task;

/** What processes the tasks of one engine thread. It is made, used and closed by the engine; one thread at a time. */
public interface TaskProcessor extends AutoCloseable {
    /** Processes one task and says what becomes of its record. To throw means {@link Decision#STOP}. */
    Decision process(Task task);

    /**
     * Ends a wait for the next attempt, if the task is in one at this moment: {@link #process} then returns
     * {@link Decision#ABANDON}. An engine calls this while it waits for a task whose partition goes to another member,
     * again and again until the task has ended. Any thread.
     */
    default void endWait() {
        // Nothing waits.
    }

    /** Called once, when no task is under way; where the time for an orderly end ran out, also while one is. */
    @Override
    void close();
}
