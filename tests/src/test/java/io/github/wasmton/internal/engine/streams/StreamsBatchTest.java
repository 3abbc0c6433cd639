package io.github.wasmton.internal.engine.streams;

import io.github.wasmton.internal.engine.BatchContract;
import io.github.wasmton.internal.engine.Engine;
import io.github.wasmton.internal.engine.EngineConfig;

class StreamsBatchTest extends BatchContract {
    @Override
    protected Engine create(EngineConfig config) {
        return new StreamsEngineType().create(config);
    }

    @Override
    protected boolean oneAtATime() {
        return true;
    }
}
