package io.github.wasmton.failure;

import io.github.wasmton.guest.Outcome;
import io.github.wasmton.guest.Task;

/**
 * Decides what becomes of a task that failed. It only decides: who asked does what the verdict says, so it neither
 * waits nor blocks, and knows no threads of its own. One policy serves all threads.
 */
@FunctionalInterface
public interface FailurePolicy {
    /**
     * Called after each attempt that failed.
     *
     * @param attempts how often the task was tried since the engine delivered it, 1 at the first call
     */
    Verdict decide(Task task, Outcome.Failed failure, int attempts);
}
