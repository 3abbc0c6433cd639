package io.github.wasmton.wasmtime;

/** How profilers learn the names of compiled functions. */
public enum ProfilingStrategy {
    /** Not at all: the default. */
    NONE,
    /**
     * By {@code /tmp/perf-PID.map}, which Linux's {@code perf} reads. The JVM writes the same file if told to do so.
     */
    PERF_MAP
}
