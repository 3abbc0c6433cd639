package io.github.wasmton.wasmtime.component;

import java.time.Duration;
import java.util.List;

import io.github.wasmton.guest.Outcome;
import io.github.wasmton.testing.NetworkCases;
import io.github.wasmton.testing.ProbeRuns;
import io.github.wasmton.wasmtime.wasi.NetworkAccess;

/** Tests sockets of components in a Store whose components run on fibers. */
class ComponentAsyncNetworkTest extends NetworkCases {
    private final ProbeRuns runs = new ProbeRuns(true);

    @Override
    protected Outcome probe(NetworkAccess access, Duration deadline, String... tasks) {
        return runs.run(access, deadline, tasks);
    }

    @Override
    protected List<String> log() {
        return runs.takeLog();
    }
}
