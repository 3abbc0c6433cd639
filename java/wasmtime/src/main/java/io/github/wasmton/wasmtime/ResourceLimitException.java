package io.github.wasmton.wasmtime;

/**
 * A request that a Store's {@link StoreLimits} refused, or for which the system has no room in the address space of the
 * process or no further thread. The message names the request and the limit.
 */
public final class ResourceLimitException extends WasmtimeException {
    private static final long serialVersionUID = 1L;

    ResourceLimitException(String message) {
        super(message);
    }
}
