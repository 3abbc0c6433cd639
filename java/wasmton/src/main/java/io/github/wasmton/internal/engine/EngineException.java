package io.github.wasmton.internal.engine;

/**
 * Thrown through a task if the engine itself cannot go on, with the engine's own exception as its cause. It is no
 * failure of the task.
 */
public final class EngineException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Wraps the engine's exception. */
    public EngineException(RuntimeException cause) {
        super(cause.getMessage(), cause, false, false);
    }

    /** Returns the engine's exception. */
    public RuntimeException unwrap() {
        return (RuntimeException) getCause();
    }
}
