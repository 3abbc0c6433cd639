package io.github.wasmton.internal.engine.streams;

/**
 * Tells Streams that a record was not processed, for which there is no other way. It has no message: the failure is in
 * the log already.
 */
final class StoppedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    StoppedException() {
        super("stopped", null, false, false);
    }
}
