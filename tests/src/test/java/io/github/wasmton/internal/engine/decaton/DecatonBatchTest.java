package io.github.wasmton.internal.engine.decaton;

import io.github.wasmton.internal.engine.BatchContract;
import io.github.wasmton.internal.engine.Engine;
import io.github.wasmton.internal.engine.EngineConfig;

/** Runs on Decaton if the build resolved it, else on the project's fake of it. */
class DecatonBatchTest extends BatchContract {
    @Override
    protected Engine create(EngineConfig config) {
        return new DecatonEngine(config);
    }
}
