package io.github.kawamuray.wasmtime;

/** An object that is disposed of or closed, which is the same. */
public interface Disposable extends AutoCloseable {
    @Override
    default void close() {
        dispose();
    }

    /** Closes this object, as {@link io.github.wasmton.wasmtime} says for its kind. */
    void dispose();
}
