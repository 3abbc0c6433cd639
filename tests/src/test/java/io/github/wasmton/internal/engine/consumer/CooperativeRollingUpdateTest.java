package io.github.wasmton.internal.engine.consumer;

import java.util.Map;

import org.junit.jupiter.api.Test;

import io.github.wasmton.internal.engine.Engine;
import io.github.wasmton.internal.engine.EngineConfig;
import io.github.wasmton.internal.engine.RollingUpdateContract;

/** The rebalance in steps: a member keeps what it has while another joins. */
class CooperativeRollingUpdateTest extends RollingUpdateContract {
    @Override
    protected Engine create(EngineConfig config) {
        return new ConsumerEngineType().create(config);
    }

    @Override
    protected Map<String, String> settings() {
        return Map.of("partition.assignment.strategy", "org.apache.kafka.clients.consumer.CooperativeStickyAssignor");
    }

    @Test
    void tasksInFlightComeOnce() throws Exception {
        updateInFlight();
    }
}
