package io.github.wasmton.internal.engine.streams;

/** The only way to tell Streams that a record was not processed. It says nothing: a failure is in the log already. */
final class StoppedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    StoppedException() {
        super("stopped", null, false, false);
    }
}
