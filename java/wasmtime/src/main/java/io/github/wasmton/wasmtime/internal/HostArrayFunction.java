package io.github.wasmton.wasmtime.internal;

/** A Java function of any type as wasm calls it. */
public interface HostArrayFunction {
    /**
     * Takes the parameters out of the arrays and puts the results there. {@code numbers} has two longs for each value,
     * {@code objects} one element; which of them a value uses depends on its type.
     */
    void call(long[] numbers, Object[] objects);
}
