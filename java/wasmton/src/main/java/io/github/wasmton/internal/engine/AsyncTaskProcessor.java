package io.github.wasmton.internal.engine;

import java.util.concurrent.CompletableFuture;

import io.github.wasmton.guest.Task;

/**
 * What processes many tasks of an engine at once without a thread each. It is made and closed by the engine, and used
 * by any of its threads.
 */
public interface AsyncTaskProcessor extends AutoCloseable {
    /**
     * Starts to process a task, and returns without waiting for it. The future completes on whatever thread with what
     * becomes of the record. To throw, or to complete with an exception, means {@link Decision#STOP}.
     */
    CompletableFuture<Decision> process(Task task);

    /**
     * The engine is about to end: what merely waits to be tried again ends now with {@link Decision#ABANDON}; what is
     * being processed goes on.
     */
    void end();

    /** Called once, after {@link #end}, when no task is under way; or else those that are must be abandoned. */
    @Override
    void close();
}
