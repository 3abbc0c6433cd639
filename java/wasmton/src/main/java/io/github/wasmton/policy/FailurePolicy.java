package io.github.wasmton.policy;

import io.github.wasmton.engine.Decision;
import io.github.wasmton.guest.Outcome;
import io.github.wasmton.guest.Task;

/**
 * Decides what becomes of a task that failed, and does what that needs: when it answers {@link Decision#COMPLETE}, the
 * record will not be delivered again. Called by the thread that processed the task, which may block meanwhile. One
 * policy serves all threads.
 */
@FunctionalInterface
public interface FailurePolicy {
    Decision decide(Task task, Outcome.Failed failure);
}
