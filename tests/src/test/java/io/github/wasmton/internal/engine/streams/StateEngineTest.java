package io.github.wasmton.internal.engine.streams;

import java.util.List;

import org.junit.jupiter.api.Test;

import io.github.wasmton.internal.engine.Engine;
import io.github.wasmton.internal.engine.EngineConfig;
import io.github.wasmton.internal.engine.EngineContract;
import io.github.wasmton.internal.engine.StateConfig;

/** Tests the contract with a store, at least once. */
class StateEngineTest extends EngineContract {
    private static final StateConfig STORE =
            new StateConfig(List.of(new StateConfig.Store("store", null, false)), List.of());

    @Override
    protected Engine create(EngineConfig config) {
        return new StreamsEngineType().create(config.withState(STORE));
    }

    @Test
    void keepsAFixedMemberInTheGroup() throws Exception {
        keepAFixedMemberInTheGroup();
    }
}
