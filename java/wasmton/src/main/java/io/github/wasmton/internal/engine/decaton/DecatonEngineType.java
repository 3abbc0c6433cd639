package io.github.wasmton.internal.engine.decaton;

import java.util.Optional;
import java.util.Set;

import io.github.wasmton.internal.engine.Engine;
import io.github.wasmton.internal.engine.EngineConfig;
import io.github.wasmton.internal.engine.EngineType;

/** The engine {@code decaton}. */
public final class DecatonEngineType implements EngineType {
    private static final String OF_DECATON = "com.linecorp.decaton.processor.runtime.SubscriptionBuilder";

    @Override
    public String name() {
        return "decaton";
    }

    @Override
    public Optional<String> missing() {
        try {
            Class.forName(OF_DECATON, false, DecatonEngineType.class.getClassLoader());
            return Optional.empty();
        } catch (ClassNotFoundException e) {
            return Optional.of("Decaton is not on the class path. Put "
                    + "com.linecorp.decaton:decaton-processor:9.5.0 on it");
        }
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
        return ThreadScope.PARTITION;
    }

    @Override
    public Set<String> reservedSettings() {
        return Set.of("decaton.partition.concurrency", "decaton.logging.mdc.enabled",
                "decaton.processing.shutdown.timeout.ms", "decaton.processor.threads.termination.timeout.ms",
                "decaton.deferred.complete.timeout.ms", "decaton.group.rebalance.timeout.ms");
    }

    @Override
    public Engine create(EngineConfig config) {
        return new DecatonEngine(config);
    }
}
