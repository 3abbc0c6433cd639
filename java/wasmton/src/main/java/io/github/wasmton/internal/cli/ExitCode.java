package io.github.wasmton.internal.cli;

/** Exit codes of the program. */
public final class ExitCode {
    /** The program ended on request. */
    public static final int OK = 0;
    /** A task failed, or the connection to Kafka was lost permanently. */
    public static final int FAILED = 1;
    /** Invalid user input; nothing was read from Kafka. */
    public static final int BAD_INPUT = 2;

    private ExitCode() {
    }
}
