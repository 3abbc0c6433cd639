package io.github.wasmton.internal.engine.consumer;

import org.junit.jupiter.api.Test;

import io.github.wasmton.internal.engine.Engine;
import io.github.wasmton.internal.engine.EngineConfig;
import io.github.wasmton.internal.engine.RollingUpdateContract;

class ConsumerRollingUpdateTest extends RollingUpdateContract {
    @Override
    protected Engine create(EngineConfig config) {
        return new ConsumerEngineType().create(config);
    }

    @Test
    void tasksInFlightComeOnce() throws Exception {
        updateInFlight();
    }
}
