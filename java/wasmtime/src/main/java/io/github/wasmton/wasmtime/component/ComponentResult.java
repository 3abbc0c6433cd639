package io.github.wasmton.wasmtime.component;

/**
 * A result of WIT within another value. The result of a function is its value or a {@link ComponentException} instead.
 *
 * @param isError true for an error
 * @param value   the value of the success or error; null if it has none
 */
public record ComponentResult(boolean isError, Object value) {
    /** Creates a success, with null for no value. */
    public static ComponentResult ok(Object value) {
        return new ComponentResult(false, value);
    }

    /** Creates an error, with null for no value. */
    public static ComponentResult error(Object value) {
        return new ComponentResult(true, value);
    }

    @Override
    public String toString() {
        return (isError ? "error(" : "ok(") + (value == null ? "" : value) + ')';
    }
}
