package io.github.wasmton.streams;

import io.github.wasmton.engine.Engine;
import io.github.wasmton.engine.EngineConfig;
import io.github.wasmton.engine.FailureContract;

class StreamsFailuresContractTest extends FailureContract {
    @Override
    protected Engine create(EngineConfig config) {
        return new StreamsEngine(config);
    }
}
