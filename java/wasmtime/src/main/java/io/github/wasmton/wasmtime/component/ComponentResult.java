package io.github.wasmton.wasmtime.component;

/**
 * A value of WIT's type {@code result}, within another value. The result of a function is its value or a {@link
 * ComponentException} instead.
 *
 * @param isError true for an error
 * @param value   the value of a success; null if it has none, and for an error
 * @param error   the value of an error; null if it has none, and for a success
 * @param <T>     the class of a success's value; Void if it has none
 * @param <E>     the class of an error's value; Void if it has none
 */
public record ComponentResult<T, E>(boolean isError, T value, E error) {
    /**
     * Creates a result.
     *
     * @throws IllegalArgumentException for a success with an error's value, or an error with a success's
     */
    public ComponentResult {
        if ((isError ? value : error) != null) {
            throw new IllegalArgumentException("a result has a value or an error, not both");
        }
    }

    /** Creates a success, with null for no value. */
    public static <T, E> ComponentResult<T, E> ok(T value) {
        return new ComponentResult<>(false, value, null);
    }

    /** Creates an error, with null for no value. */
    public static <T, E> ComponentResult<T, E> error(E error) {
        return new ComponentResult<>(true, null, error);
    }

    /** Returns the value of the success or error; null if it has none. */
    Object either() {
        return isError ? error : value;
    }

    @Override
    public String toString() {
        return (isError ? "error(" : "ok(") + (either() == null ? "" : either()) + ')';
    }
}
