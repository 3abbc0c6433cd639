package io.github.wasmton.internal.engine;

import java.util.concurrent.CompletableFuture;
import java.util.function.IntPredicate;

import io.github.wasmton.guest.Task;

/**
 * Processes many tasks of an engine concurrently without a thread per task. The engine creates and closes it, and uses
 * it from any of its threads.
 */
public interface AsyncTaskProcessor extends AutoCloseable {
    /**
     * Starts a task, and returns without waiting for it. The future completes, on any thread, with the decision on the
     * record. An exception, thrown or in the future, means {@link Decision#STOP}.
     */
    CompletableFuture<Decision> process(Task task);

    /**
     * Does the same as {@link #process(Task)} with a task that the engine did not start at once.
     *
     * @param since time by {@link System#nanoTime} when the engine took the task
     */
    default CompletableFuture<Decision> process(Task task, long since) {
        return process(task);
    }

    /** Announces that no task comes for a while: tasks that wait only for others begin. */
    default void flush() {
        // Nothing waits.
    }

    /**
     * Ends the back-offs of tasks whose partition goes to another member: they complete with
     * {@link Decision#ABANDON}, as tasks do that wait for others to come. An engine calls this repeatedly while it
     * waits for such tasks.
     */
    default void endWaits(IntPredicate partitions) {
        // Nothing waits.
    }

    /** Returns the number of tasks that wait for their next attempt. */
    default int waiting() {
        return 0;
    }

    /**
     * Announces the end of the engine: tasks that only wait for their next attempt end now with
     * {@link Decision#ABANDON}; tasks being processed go on.
     */
    void end();

    /**
     * Closes the processor. The engine calls this once, after {@link #end}, when no task is in flight; tasks still in
     * flight must be abandoned.
     */
    @Override
    void close();
}
