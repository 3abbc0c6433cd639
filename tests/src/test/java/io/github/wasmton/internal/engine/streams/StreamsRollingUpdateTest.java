package io.github.wasmton.internal.engine.streams;

import io.github.wasmton.internal.engine.Engine;
import io.github.wasmton.internal.engine.EngineConfig;
import io.github.wasmton.internal.engine.RollingUpdateContract;

class StreamsRollingUpdateTest extends RollingUpdateContract {
    @Override
    protected Engine create(EngineConfig config) {
        return new StreamsEngine(config);
    }
}
