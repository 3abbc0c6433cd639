package io.github.wasmton.internal.cli;

/** Thrown if no broker answers. That may pass, so it does not count as invalid input. */
final class KafkaAwayException extends CommandException {
    private static final long serialVersionUID = 1L;

    KafkaAwayException(String message, Throwable cause) {
        super(ExitCode.FAILED, message, cause);
    }
}
