package io.github.wasmton.wasmtime.internal;

/** A Java function of any type, as wasm calls it. */
public interface HostArrayFunction {
    /**
     * Reads the parameters from the arrays and writes the results there. {@code numbers} has two longs for each value,
     * {@code objects} one element; which one a value uses depends on its type.
     */
    void call(long[] numbers, Object[] objects);
}
