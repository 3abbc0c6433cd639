package io.github.wasmton.wasmtime.internal;

import java.util.Objects;
import java.util.stream.LongStream;
import java.util.stream.Stream;

import io.github.wasmton.wasmtime.wasi.NetworkAccess;
import io.github.wasmton.wasmtime.wasi.WasiConfig;

/**
 * A {@link WasiConfig} as it crosses to Rust.
 *
 * @param args    the arguments
 * @param env     alternating names and values
 * @param dirs    host path, guest path, and {@code r} or {@code rw}, for each directory
 * @param stdio   the targets of standard input, output and error; see {@link Stdio}
 * @param clock   start and step in nanoseconds, or nothing
 * @param seed    the seed, or nothing
 * @param connect rules of {@link NetworkAccess}
 * @param listen  rules of {@link NetworkAccess}
 * @param caFile  a path, or {@code null} for none
 */
public record WasiDescription(String[] args, String[] env, String[] dirs, Object[] stdio, long[] clock, long[] seed,
        String[] connect, String[] listen, String caFile) {
    /** Flattens a configuration. */
    public static WasiDescription of(WasiConfig config) {
        Stream<String> env = config.env().entrySet().stream().flatMap(e -> Stream.of(e.getKey(), e.getValue()));
        Stream<String> dirs = config.preopenDirs().stream()
                .flatMap(d -> Stream.of(d.hostPath(), d.guestPath(), d.writable() ? "rw" : "r"));
        NetworkAccess network = config.network();
        Stream<Stdio> stdio = Stream.of(config.stdin(), config.stdout(), config.stderr());
        return new WasiDescription(config.args().toArray(String[]::new), env.toArray(String[]::new),
                dirs.toArray(String[]::new), stdio.map(Stdio::targetOf).toArray(),
                config.clockStart().stream().flatMap(start -> LongStream.of(start, config.clockStep())).toArray(),
                config.randomSeed().stream().toArray(), network.connect().toArray(String[]::new),
                network.listen().toArray(String[]::new), Objects.toString(network.caFile(), null));
    }

    /**
     * Returns a copy in which standard output or error goes to the log of the guest's host, unless it was redirected.
     */
    public WasiDescription logging(boolean stdout, boolean stderr) {
        Object[] targets = stdio.clone();
        targets[1] = stdout ? Stdio.logged(stdio[1]) : stdio[1];
        targets[2] = stderr ? Stdio.logged(stdio[2]) : stdio[2];
        return new WasiDescription(args, env, dirs, targets, clock, seed, connect, listen, caFile);
    }
}
