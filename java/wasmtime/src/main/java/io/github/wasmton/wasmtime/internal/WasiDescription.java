package io.github.wasmton.wasmtime.internal;

import java.util.stream.Stream;

import io.github.wasmton.wasmtime.wasi.WasiConfig;

/**
 * A {@link WasiConfig} as it crosses into Rust.
 *
 * @param args the arguments
 * @param env  names and values in turn
 * @param dirs paths here and paths in the guest in turn
 */
public record WasiDescription(String[] args, String[] env, String[] dirs) {
    /** Flattens a configuration. */
    public static WasiDescription of(WasiConfig config) {
        Stream<String> env = config.env().entrySet().stream().flatMap(e -> Stream.of(e.getKey(), e.getValue()));
        Stream<String> dirs = config.preopenDirs().stream().flatMap(d -> Stream.of(d.hostPath(), d.guestPath()));
        return new WasiDescription(config.args().toArray(String[]::new), env.toArray(String[]::new),
                dirs.toArray(String[]::new));
    }
}
