package io.github.wasmton.wasmtime;

/** A way to give profilers the names of compiled functions. */
public enum ProfilingStrategy {
    /** No names: the default. */
    NONE,
    /** The file {@code /tmp/perf-PID.map} for Linux's {@code perf}. The JVM can write the same file, if configured. */
    PERF_MAP,
    /**
     * The file {@code jit-PID.dump} in the working directory, which has the code as well: after {@code perf record -k
     * 1} and {@code perf inject -j}, perf also annotates instructions. Linux only.
     */
    JIT_DUMP,
    /** Intel's VTune, if the process runs under it. */
    VTUNE
}
