package io.github.wasmton.wasmtime.component;

import java.time.Duration;
import java.util.List;

import io.github.wasmton.guest.Outcome;
import io.github.wasmton.testing.HttpCases;
import io.github.wasmton.testing.ProbeRuns;
import io.github.wasmton.wasmtime.wasi.NetworkAccess;

/** Tests requests of components in a Store whose components run on fibers. */
class ComponentAsyncHttpTest extends HttpCases {
    private final ProbeRuns runs = new ProbeRuns(true);

    @Override
    protected Outcome probe(NetworkAccess access, Duration deadline, String task) {
        return runs.run(access, deadline, task);
    }

    @Override
    protected List<String> log() {
        return runs.takeLog();
    }
}
