package io.github.wasmton.failure;

import java.util.function.LongSupplier;

import io.github.wasmton.guest.Outcome;
import io.github.wasmton.guest.Task;

/**
 * A rule that decides about tasks that failed. It only decides; Wasmton carries the verdict out. So a policy neither
 * waits nor blocks, and has no threads of its own. One policy serves all threads.
 */
@FunctionalInterface
public interface FailurePolicy {
    /**
     * Decides about a task after a failed attempt.
     *
     * @param attempts number of attempts since the engine delivered the task; 1 at the first call
     */
    Verdict decide(Task task, Outcome.Failed failure, int attempts);

    /**
     * Returns the policy that these options describe, for use in a policy of your own.
     *
     * @param done number of tasks processed so far; {@link FailureOptions#threshold} compares failures with it
     */
    static FailurePolicy of(FailureOptions options, LongSupplier done) {
        return new OptionsFailurePolicy(options, done);
    }
}
