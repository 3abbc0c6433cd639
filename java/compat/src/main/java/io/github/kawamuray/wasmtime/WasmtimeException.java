package io.github.kawamuray.wasmtime;

/**
 * A failure other than a trap or an exit: {@link io.github.wasmton.wasmtime.WasmtimeException}, unsuitable arguments,
 * or an exception of a host function. The cause is the original exception.
 */
public class WasmtimeException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Creates an exception for a host function to throw. */
    public WasmtimeException(String message) {
        super(message);
    }

    WasmtimeException(String message, Throwable cause) {
        super(message, cause);
    }
}
