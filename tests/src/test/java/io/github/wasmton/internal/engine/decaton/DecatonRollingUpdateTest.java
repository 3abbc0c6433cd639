package io.github.wasmton.internal.engine.decaton;

import org.junit.jupiter.api.Test;

import io.github.wasmton.internal.engine.Engine;
import io.github.wasmton.internal.engine.EngineConfig;
import io.github.wasmton.internal.engine.RollingUpdateContract;

class DecatonRollingUpdateTest extends RollingUpdateContract {
    @Override
    protected Engine create(EngineConfig config) {
        return new DecatonEngine(config);
    }

    @Test
    void tasksInFlightComeOnce() throws Exception {
        updateInFlight();
    }
}
