package io.github.wasmton.internal.engine.consumer;

import io.github.wasmton.internal.engine.BatchContract;
import io.github.wasmton.internal.engine.Engine;
import io.github.wasmton.internal.engine.EngineConfig;

class ConsumerBatchTest extends BatchContract {
    @Override
    protected Engine create(EngineConfig config) {
        return new ConsumerEngineType().create(config);
    }
}
