package io.github.wasmton.guest;

/**
 * Thrown for a file that cannot serve as a guest. The message tells the person who built it what was found, what is
 * needed, and how to get it.
 */
public final class InvalidGuestException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    InvalidGuestException(String message, Throwable cause) {
        super(message, cause);
    }
}
