package io.github.wasmton.internal.engine.consumer;

import org.junit.jupiter.api.Test;

import io.github.wasmton.internal.engine.Engine;
import io.github.wasmton.internal.engine.EngineConfig;
import io.github.wasmton.internal.engine.EngineContract;

class ConsumerEngineTest extends EngineContract {
    @Override
    protected Engine create(EngineConfig config) {
        return new ConsumerEngineType().create(config);
    }

    @Test
    void commitsBehindMarkersThatComeFirst() throws Exception {
        commitBehindMarkersThatComeFirst();
    }

    @Test
    void endsIfTheTopicIsDeleted() throws Exception {
        endIfTheTopicIsDeleted();
    }

    @Test
    void commitsBehindTheMarkersOfTransactions() throws Exception {
        commitBehindMarkers();
    }

    @Test
    void keepsItsPartitionsWhileATaskTakesLongerThanAPollInterval() throws Exception {
        keepPartitionsWhileATaskTakesLong();
    }

    @Test
    void keepsAFixedMemberInTheGroup() throws Exception {
        keepAFixedMemberInTheGroup();
    }
}
