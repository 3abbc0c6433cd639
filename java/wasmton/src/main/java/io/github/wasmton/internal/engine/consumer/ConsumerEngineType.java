package io.github.wasmton.internal.engine.consumer;

import io.github.wasmton.internal.engine.Engine;
import io.github.wasmton.internal.engine.EngineConfig;
import io.github.wasmton.internal.engine.EngineType;

/** The engine {@code consumer}. */
public final class ConsumerEngineType implements EngineType {
    @Override
    public String name() {
        return "consumer";
    }

    @Override
    public boolean oneAtATime() {
        return true;
    }

    @Override
    public boolean inFlight() {
        return true;
    }

    @Override
    public ThreadScope threads() {
        return ThreadScope.PROCESS;
    }

    @Override
    public Engine create(EngineConfig config) {
        return config.inFlight() == null ? new ConsumerEngine(config) : new InFlightEngine(config);
    }
}
