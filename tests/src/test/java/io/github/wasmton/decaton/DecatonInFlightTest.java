package io.github.wasmton.decaton;

import io.github.wasmton.engine.Engine;
import io.github.wasmton.engine.EngineConfig;
import io.github.wasmton.engine.InFlightContract;

/** On Decaton where the build resolved it, else on the project's fake of it. */
class DecatonInFlightTest extends InFlightContract {
    @Override
    protected Engine create(EngineConfig config) {
        return new DecatonEngine(config);
    }
}
