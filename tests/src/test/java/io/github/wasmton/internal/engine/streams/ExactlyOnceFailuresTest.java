package io.github.wasmton.internal.engine.streams;

import io.github.wasmton.internal.engine.Engine;
import io.github.wasmton.internal.engine.EngineConfig;
import io.github.wasmton.internal.engine.FailureContract;

/** Tests failed tasks with exactly-once. */
class ExactlyOnceFailuresTest extends FailureContract {
    @Override
    protected Engine create(EngineConfig config) {
        return new StreamsEngineType().create(config.withExactlyOnce(true));
    }

    @Override
    protected boolean stopCommits() {
        return false;
    }
}
