package io.github.wasmton.internal.engine;

import java.util.List;
import java.util.Optional;

import io.github.wasmton.internal.engine.consumer.ConsumerEngineType;
import io.github.wasmton.internal.engine.decaton.DecatonEngineType;
import io.github.wasmton.internal.engine.streams.StreamsEngineType;

/** All engines. To add one, add its type here. */
public final class EngineTypes {
    /** Engines in the order of preference. */
    public static final List<EngineType> ALL =
            List.of(new DecatonEngineType(), new ConsumerEngineType(), new StreamsEngineType());

    private EngineTypes() {
    }

    /** Returns the engine with that name, ignoring case. */
    public static Optional<EngineType> named(String name) {
        return ALL.stream().filter(type -> type.name().equalsIgnoreCase(name)).findFirst();
    }
}
