package io.github.wasmton.internal.cli;

/** No broker answers. That can pass, so it is no fault of the input. */
final class KafkaAwayException extends CommandException {
    private static final long serialVersionUID = 1L;

    KafkaAwayException(String message, Throwable cause) {
        super(ExitCode.FAILED, message, cause);
    }
}
