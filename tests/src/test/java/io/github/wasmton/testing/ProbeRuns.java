package io.github.wasmton.testing;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import io.github.wasmton.guest.Outcome;
import io.github.wasmton.wasmtime.wasi.NetworkAccess;
import io.github.wasmton.wasmtime.wasi.WasiConfig;

/** Runs of the probe, each in a new {@link ProbeStore}, and what they logged. */
public final class ProbeRuns {
    private final boolean onFibers;
    private List<String> log = new ArrayList<>();

    public ProbeRuns(boolean onFibers) {
        this.onFibers = onFibers;
    }

    /** Runs tasks in turn in one Store. Returns the last outcome. */
    public Outcome run(NetworkAccess access, Duration deadline, String... tasks) {
        try (ProbeStore probe = new ProbeStore(WasiConfig.builder().network(access).build(), onFibers)) {
            Outcome outcome = null;
            for (String task : tasks) {
                outcome = probe.process(deadline, task);
            }
            log.addAll(probe.log());
            return outcome;
        }
    }

    /** Returns what was logged since this was called last. */
    public List<String> takeLog() {
        List<String> taken = log;
        log = new ArrayList<>();
        return taken;
    }
}
