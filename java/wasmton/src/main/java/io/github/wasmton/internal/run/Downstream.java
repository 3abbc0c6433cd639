package io.github.wasmton.internal.run;

/** The next processor of a chain. */
@FunctionalInterface
public interface Downstream {
    /** Passes a value on, on the calling thread. An exception is one of the next processor. */
    void push(byte[] value) throws InterruptedException;
}
