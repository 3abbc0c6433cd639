package io.github.wasmton;

import java.util.Map;

/** Tests the program on the engine that it has without Decaton. */
class WasmtonOnConsumerTest extends WasmtonTest {
    @Override
    protected Map<String, String> environment() {
        return Map.of("WASMTON_METRICS_PORT", "none", "WASMTON_ENGINE", "consumer");
    }
}
