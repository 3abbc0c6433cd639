package io.github.wasmton.internal.cli;

/** What a person gave does not do. The message says what was found, what is needed, and how to get it. */
public final class BadInputException extends Exception {
    private static final long serialVersionUID = 1L;

    public BadInputException(String message, Throwable cause) {
        super(message, cause);
    }
}
