package io.github.wasmton.wasmtime.component;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import io.github.wasmton.guest.Outcome;
import io.github.wasmton.testing.HttpCases;
import io.github.wasmton.testing.ProbeStore;
import io.github.wasmton.wasmtime.wasi.NetworkAccess;
import io.github.wasmton.wasmtime.wasi.WasiConfig;

/** Tests requests of components in a Store. */
class ComponentHttpTest extends HttpCases {
    private List<String> log = new ArrayList<>();

    @Override
    protected Outcome probe(NetworkAccess access, Duration deadline, String task) {
        WasiConfig config = WasiConfig.builder().network(access).build();
        return ProbeStore.run(config, false, deadline, log, task);
    }

    @Override
    protected List<String> log() {
        List<String> taken = log;
        log = new ArrayList<>();
        return taken;
    }
}
