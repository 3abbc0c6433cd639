package io.github.wasmton.wasmtime;

/** How profilers learn the names of compiled functions. */
public enum ProfilingStrategy {
    /** Not at all: the default. */
    NONE,
    /**
     * By {@code /tmp/perf-PID.map}, which Linux's {@code perf} reads. The JVM writes the same file if told to do so.
     */
    PERF_MAP,
    /**
     * By {@code jit-PID.dump} in the working directory, which has the code as well: after {@code perf record -k 1} and
     * {@code perf inject -j} perf also annotates instructions. Linux only.
     */
    JIT_DUMP,
    /** By telling Intel's VTune, where the process runs under it. */
    VTUNE
}
