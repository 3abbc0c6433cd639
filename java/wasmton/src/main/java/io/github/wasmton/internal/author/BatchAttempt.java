package io.github.wasmton.internal.author;

import java.util.List;

/**
 * One attempt at a batch.
 *
 * @param whole the batch as one attempt, about its first task: what the guest wrote and counted, and the failure if the
 *              batch failed as a whole
 * @param tasks the attempt at each task; after a batch that failed as a whole, each alone
 */
public record BatchAttempt(Attempt whole, List<Attempt> tasks) {
    public BatchAttempt {
        tasks = List.copyOf(tasks);
    }
}
