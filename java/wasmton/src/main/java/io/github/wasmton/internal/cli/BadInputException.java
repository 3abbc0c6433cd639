package io.github.wasmton.internal.cli;

/** Invalid user input: another attempt with the same input would end the same way. */
final class BadInputException extends CommandException {
    private static final long serialVersionUID = 1L;

    BadInputException(String message, Throwable cause) {
        super(ExitCode.BAD_INPUT, message, cause);
    }
}
