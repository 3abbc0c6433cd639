package io.github.wasmton.decaton;

import io.github.wasmton.engine.Engine;
import io.github.wasmton.engine.EngineConfig;
import io.github.wasmton.engine.FailureContract;

class DecatonFailuresContractTest extends FailureContract {
    @Override
    protected Engine create(EngineConfig config) {
        return new DecatonEngine(config);
    }
}
