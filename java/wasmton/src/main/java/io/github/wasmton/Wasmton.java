package io.github.wasmton;

import java.io.PrintStream;
import java.util.Map;

import io.github.wasmton.internal.cli.ExitCode;
import io.github.wasmton.internal.cli.Program;
import io.github.wasmton.internal.cli.RunCommand;

/**
 * The program: runs a WebAssembly file as the task processor of a Kafka topic. {@code --help} lists its options.
 */
public final class Wasmton {
    /** The exit code after SIGTERM, Ctrl-C or {@link #stop}. */
    public static final int OK = ExitCode.OK;
    /** The exit code after a failed task, or after the connection to Kafka was lost permanently. */
    public static final int FAILED = ExitCode.FAILED;
    /** The exit code for invalid user input. Nothing was read from Kafka. */
    public static final int BAD_INPUT = ExitCode.BAD_INPUT;

    private final RunCommand command;

    /**
     * Creates the program with the environment of this process.
     *
     * @param out receives progress
     * @param err receives the reason of a failure
     */
    public Wasmton(PrintStream out, PrintStream err) {
        this(out, err, System.getenv());
    }

    /**
     * Creates the program with another environment.
     *
     * @param environment the variables from which options are read, such as {@code WASMTON_DEADLINE}
     */
    public Wasmton(PrintStream out, PrintStream err, Map<String, String> environment) {
        command = new RunCommand(out, err, environment);
    }

    public static void main(String[] args) {
        RunCommand command = new RunCommand(System.out, System.err, System.getenv());
        Program.run(() -> command.run(args), () -> {
            command.stop();
            return command.endLimit();
        });
    }

    /**
     * Runs until {@link #stop} or a failure. Call it once for each object.
     *
     * @return the program's exit code
     */
    public int run(String... args) {
        return command.run(args);
    }

    /** Makes {@link #run} return once the tasks in progress have ended. Any thread may call it at any time. */
    public void stop() {
        command.stop();
    }
}
