package io.github.wasmton.wasmtime.internal;

/** A Java function as wasm calls it: each parameter in a long with its bits in the lower end, and the result too. */
public interface HostFunction {
    /** Parameters that the function does not have are 0; the result of one that has none is not looked at. */
    long call(long a, long b, long c, long d);
}
