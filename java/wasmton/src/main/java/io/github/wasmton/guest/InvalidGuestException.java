package io.github.wasmton.guest;

/**
 * A file cannot serve as a guest. The message is one or two sentences for the person who built it: what was found, what
 * is needed, and how to get it.
 */
public final class InvalidGuestException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    InvalidGuestException(String message, Throwable cause) {
        super(message, cause);
    }
}
