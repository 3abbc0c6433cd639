package io.github.wasmton.internal.cli;

/** Ends a command with a sentence and an exit code. The sentence says what was found, what is needed, how to get it. */
class CommandException extends Exception {
    private static final long serialVersionUID = 1L;

    private final int exitCode;

    CommandException(int exitCode, String message, Throwable cause) {
        super(message, cause);
        this.exitCode = exitCode;
    }

    /** Returns the exit code that the command ends with. */
    int exitCode() {
        return exitCode;
    }
}
