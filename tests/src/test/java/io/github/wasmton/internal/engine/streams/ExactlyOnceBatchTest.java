package io.github.wasmton.internal.engine.streams;

import io.github.wasmton.internal.engine.Engine;
import io.github.wasmton.internal.engine.EngineConfig;

/** Tests batches with exactly-once. */
class ExactlyOnceBatchTest extends StreamsBatchTest {
    @Override
    protected Engine create(EngineConfig config) {
        return super.create(config.withExactlyOnce(true));
    }

    @Override
    protected boolean stopCommits() {
        return false;
    }
}
