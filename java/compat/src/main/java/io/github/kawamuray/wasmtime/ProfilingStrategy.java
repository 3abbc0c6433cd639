package io.github.kawamuray.wasmtime;

/** A way to give profilers the names of functions: {@link io.github.wasmton.wasmtime.ProfilingStrategy}. */
public enum ProfilingStrategy {
    /** No names: the default. */
    NONE,
    /** The file {@code jit-PID.dump} for Linux's {@code perf}. */
    JIT_DUMP,
    /** Intel's VTune. */
    V_TUNE
}
