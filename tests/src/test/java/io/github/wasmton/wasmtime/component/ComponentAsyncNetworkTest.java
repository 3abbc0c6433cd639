package io.github.wasmton.wasmtime.component;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import io.github.wasmton.guest.Outcome;
import io.github.wasmton.testing.NetworkCases;
import io.github.wasmton.testing.ProbeStore;
import io.github.wasmton.wasmtime.wasi.NetworkAccess;
import io.github.wasmton.wasmtime.wasi.WasiConfig;

/** Tests sockets of components in a Store whose components run on fibers. */
class ComponentAsyncNetworkTest extends NetworkCases {
    private List<String> log = new ArrayList<>();

    @Override
    protected Outcome probe(NetworkAccess access, Duration deadline, String... tasks) {
        WasiConfig config = WasiConfig.builder().network(access).build();
        return ProbeStore.run(config, true, deadline, log, tasks);
    }

    @Override
    protected List<String> log() {
        List<String> taken = log;
        log = new ArrayList<>();
        return taken;
    }
}
