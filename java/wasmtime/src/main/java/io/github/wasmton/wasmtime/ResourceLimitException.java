package io.github.wasmton.wasmtime;

/** A Store's {@link StoreLimits} do not allow what was asked for. The message says what that was, and the limit. */
public final class ResourceLimitException extends WasmtimeException {
    private static final long serialVersionUID = 1L;

    ResourceLimitException(String message) {
        super(message);
    }
}
