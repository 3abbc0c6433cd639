package io.github.wasmton.internal.run;

import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntPredicate;

import io.github.wasmton.guest.Outcome;
import io.github.wasmton.guest.Task;
import io.github.wasmton.internal.stats.ThreadState;

/** Makes the attempts at the tasks of an {@link AsyncTaskRunner}, and counts instances and the time in the guest. */
interface Attempts extends AutoCloseable {
    /**
     * One attempt.
     *
     * @param first whether the task was never tried before, as far as this runner knows
     * @param since time by {@link System#nanoTime} at which the task began to wait for its first attempt
     * @param state notes when the guest has the task
     */
    record Attempt(Task task, boolean first, long since, ThreadState state) {}

    /**
     * Starts an attempt and returns at once. The future completes, on any thread, with the outcome, and with a
     * {@link CancellationException} for an attempt that was abandoned.
     */
    CompletableFuture<Outcome> start(Attempt attempt);

    /** Starts at once the attempts that wait for more tasks. */
    default void flush() {
        // Nothing waits.
    }

    /** Abandons the attempts of these partitions that the guest does not have yet. */
    default void endWaits(IntPredicate partitions) {
        // Nothing waits.
    }

    /** Announces the end: no attempt waits for more tasks from now on. */
    default void end() {
        // Nothing waits.
    }

    /** Abandons all attempts. */
    @Override
    void close();
}
