package io.github.wasmton.internal.engine.consumer;

import org.junit.jupiter.api.Test;

import io.github.wasmton.internal.engine.Engine;
import io.github.wasmton.internal.engine.EngineConfig;
import io.github.wasmton.internal.engine.FailureContract;

class ConsumerFailuresContractTest extends FailureContract {
    @Override
    protected Engine create(EngineConfig config) {
        return new ConsumerEngineType().create(config);
    }

    @Test
    void endsTheWaitsOfPartitionsThatGo() throws Exception {
        endWaitsOfPartitionsThatGo();
    }
}
