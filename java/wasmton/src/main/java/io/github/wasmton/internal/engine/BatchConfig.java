package io.github.wasmton.internal.engine;

import java.time.Duration;

/**
 * Settings for batches on an engine that has one task at a time on each thread ({@link TaskProcessor#attempt}).
 *
 * @param size   largest number of tasks of a batch
 * @param linger longest time that a task waits for others to fill its batch
 */
public record BatchConfig(int size, Duration linger) {
    public BatchConfig {
        if (size < 1) {
            throw new IllegalArgumentException("a batch has at least 1 task, not " + size);
        }
    }
}
