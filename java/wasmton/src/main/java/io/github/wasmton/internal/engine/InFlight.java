package io.github.wasmton.internal.engine;

import java.util.Objects;
import java.util.function.Supplier;

/**
 * Settings for many concurrent tasks without a thread per task.
 *
 * @param limit     largest number of tasks at once; more are not read
 * @param processor creates the one processor of all tasks; called once
 */
public record InFlight(int limit, Supplier<? extends AsyncTaskProcessor> processor) {
    public InFlight {
        Objects.requireNonNull(processor, "processor");
        if (limit < 1) {
            throw new IllegalArgumentException("the limit of tasks in flight must be at least 1, not " + limit);
        }
    }
}
