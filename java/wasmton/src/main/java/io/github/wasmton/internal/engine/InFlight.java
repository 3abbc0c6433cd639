package io.github.wasmton.internal.engine;

import java.util.Objects;
import java.util.function.Supplier;

/**
 * That an engine has many tasks under way at once, without a thread each.
 *
 * @param limit     how many: more are not read
 * @param processor makes what processes them all; called once
 */
public record InFlight(int limit, Supplier<? extends AsyncTaskProcessor> processor) {
    public InFlight {
        Objects.requireNonNull(processor, "processor");
        if (limit < 1) {
            throw new IllegalArgumentException("at least one task must be under way: " + limit);
        }
    }
}
