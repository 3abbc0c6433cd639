package io.github.wasmton.decaton;

import org.junit.jupiter.api.condition.EnabledIf;

import io.github.wasmton.engine.Engine;
import io.github.wasmton.engine.EngineConfig;
import io.github.wasmton.engine.EngineContract;

/** Runs where the build resolved Decaton itself: its signatures cannot run anything. */
@EnabledIf("decatonIsPresent")
class DecatonEngineTest extends EngineContract {
    static boolean decatonIsPresent() {
        try {
            Class.forName("com.linecorp.decaton.processor.metrics.Metrics");
            return true;
        } catch (ClassNotFoundException e) {
            return false;
        }
    }

    @Override
    protected Engine create(EngineConfig config) {
        return new DecatonEngine(config);
    }
}
