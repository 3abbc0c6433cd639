package io.github.wasmton.internal.engine.decaton;

import io.github.wasmton.internal.engine.Engine;
import io.github.wasmton.internal.engine.EngineConfig;
import io.github.wasmton.internal.engine.InFlightContract;

/** Runs on Decaton if the build resolved it, else on the project's fake of it. */
class DecatonInFlightTest extends InFlightContract {
    @Override
    protected Engine create(EngineConfig config) {
        return new DecatonEngine(config);
    }
}
