package io.github.wasmton.internal.engine.decaton;

import org.junit.jupiter.api.Test;

import io.github.wasmton.internal.engine.Engine;
import io.github.wasmton.internal.engine.EngineConfig;
import io.github.wasmton.internal.engine.EngineContract;

/** Runs on Decaton if the build resolved it, else on the project's fake of it. */
class DecatonEngineTest extends EngineContract {
    @Override
    protected Engine create(EngineConfig config) {
        return new DecatonEngine(config);
    }

    @Test
    void endsIfTheTopicIsDeleted() throws Exception {
        endIfTheTopicIsDeleted();
    }
}
