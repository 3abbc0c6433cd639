package io.github.wasmton.internal.engine.streams;

import org.junit.jupiter.api.Test;

import io.github.wasmton.internal.engine.Engine;
import io.github.wasmton.internal.engine.EngineConfig;
import io.github.wasmton.internal.engine.EngineContract;

class StreamsEngineTest extends EngineContract {
    @Override
    protected Engine create(EngineConfig config) {
        return new StreamsEngine(config);
    }

    @Test
    void commitsBehindTheMarkersOfTransactions() throws Exception {
        commitBehindMarkers();
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
    void keepsAFixedMemberInTheGroup() throws Exception {
        keepAFixedMemberInTheGroup();
    }
}
