package io.github.wasmton.internal.engine.streams;

import io.github.wasmton.internal.engine.Engine;
import io.github.wasmton.internal.engine.EngineConfig;
import io.github.wasmton.internal.engine.RollingUpdateContract;

/** Tests a rolling update in which Streams alone commits. */
class ExactlyOnceRollingUpdateTest extends RollingUpdateContract {
    @Override
    protected Engine create(EngineConfig config) {
        return new StreamsEngineType().create(config.withExactlyOnce(true));
    }
}
