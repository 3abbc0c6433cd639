package io.github.wasmton.internal.engine.consumer;

import org.junit.jupiter.api.Test;

import io.github.wasmton.internal.engine.Engine;
import io.github.wasmton.internal.engine.EngineConfig;
import io.github.wasmton.internal.engine.InFlightContract;

class ConsumerInFlightTest extends InFlightContract {
    @Override
    protected Engine create(EngineConfig config) {
        return new ConsumerEngineType().create(config);
    }

    @Test
    void endsIfTheTopicIsDeleted() throws Exception {
        endIfTheTopicIsDeleted();
    }
}
