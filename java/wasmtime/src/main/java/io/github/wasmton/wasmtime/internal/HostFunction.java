package io.github.wasmton.wasmtime.internal;

/** A Java function as wasm calls it: each parameter, and the result, is a long with the bits in the lower end. */
public interface HostFunction {
    /** Calls the function. Unused parameters are 0; the result is ignored if the function has none. */
    long call(long a, long b, long c, long d);
}
