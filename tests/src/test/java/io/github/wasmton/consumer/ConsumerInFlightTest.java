package io.github.wasmton.consumer;

import io.github.wasmton.engine.Engine;
import io.github.wasmton.engine.EngineConfig;
import io.github.wasmton.engine.InFlightContract;

class ConsumerInFlightTest extends InFlightContract {
    @Override
    protected Engine create(EngineConfig config) {
        return new ConsumerEngine(config);
    }
}
