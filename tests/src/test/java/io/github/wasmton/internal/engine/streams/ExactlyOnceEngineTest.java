package io.github.wasmton.internal.engine.streams;

import io.github.wasmton.internal.engine.Engine;
import io.github.wasmton.internal.engine.EngineConfig;
import io.github.wasmton.internal.engine.EngineContract;

/** Tests the contract with exactly-once. */
class ExactlyOnceEngineTest extends EngineContract {
    @Override
    protected Engine create(EngineConfig config) {
        return new StreamsEngineType().create(config.withExactlyOnce(true));
    }

    @Override
    protected boolean stopCommits() {
        return false;
    }
}
