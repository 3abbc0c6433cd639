package io.github.wasmton.wasmtime.bindgen;

/** Valid WIT for which no Java can be generated. The message is for the user. */
final class UnsupportedWitException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UnsupportedWitException(String message) {
        super(message);
    }
}
