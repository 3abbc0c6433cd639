package io.github.wasmton.wasmtime.internal;

/** The functions and resources that Java defines for a component, by number. */
public interface ComponentHost {
    /**
     * Calls a function with its packed arguments, or drops the resource with the number that the bytes hold.
     *
     * @return the packed result; null for none
     */
    byte[] call(int number, byte[] values);

    /**
     * Calls a function that stands for an async one, with its packed arguments.
     *
     * @param answer the number by which a result that comes later is given
     * @return the packed result; null if it comes later
     */
    default byte[] callAsync(int number, byte[] values, long answer) {
        return call(number, values);
    }
}
