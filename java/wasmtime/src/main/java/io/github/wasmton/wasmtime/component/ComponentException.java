package io.github.wasmton.wasmtime.component;

/**
 * An error that a function of WIT returned, one with a result type. A host function throws it to return an error to the
 * component. It is an answer, not a failure: the instance goes on.
 */
public class ComponentException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Object error;

    /** Creates an exception with the error's value; null if the error has none. */
    public ComponentException(Object error) {
        super(error == null ? "the component's function returned an error" : String.valueOf(error));
        this.error = error;
    }

    /** Returns the error's value; null if the error has none. */
    public Object error() {
        return error;
    }
}
