package io.github.wasmton.internal.engine.decaton;

import io.github.wasmton.internal.engine.Engine;
import io.github.wasmton.internal.engine.EngineConfig;
import io.github.wasmton.internal.engine.FailureContract;

class DecatonFailuresContractTest extends FailureContract {
    @Override
    protected Engine create(EngineConfig config) {
        return new DecatonEngine(config);
    }
}
