package io.github.wasmton.wasmtime;

/** The settings of an {@link Engine}; each setter returns this object. Not for several threads at once. */
public final class Config {
    long maxWasmStack = 256 * 1024;
    boolean signalsBasedTraps = true;

    /**
     * How much stack wasm may use from where it is entered, in bytes; 256 KiB by default. A thread enters wasm only
     * while it has this and 224 KiB more left, else the call throws {@link StackOverflowError}.
     */
    public Config maxWasmStack(long bytes) {
        maxWasmStack = bytes;
        return this;
    }

    /**
     * Whether accesses out of bounds and the like are found by the processor, and arrive as signals, which wasmtime
     * tells from the JVM's own; on by default. Off, compiled code checks for itself and is up to twice as slow. Turn it
     * off where another agent in the process insists on those signals, as some profilers do.
     */
    public Config signalsBasedTraps(boolean on) {
        signalsBasedTraps = on;
        return this;
    }
}
