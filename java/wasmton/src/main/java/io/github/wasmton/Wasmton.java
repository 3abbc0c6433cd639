package io.github.wasmton;

import java.io.PrintStream;
import java.util.Map;

import io.github.wasmton.internal.cli.Cli;
import io.github.wasmton.internal.cli.ExitCode;
import io.github.wasmton.internal.cli.Program;

/** The command line program {@code wasmton}. {@code --help} lists its commands. */
public final class Wasmton {
    /** The exit code after SIGTERM, Ctrl-C or {@link #stop}. */
    public static final int OK = ExitCode.OK;
    /** The exit code after a failed task, or after the connection to Kafka was lost permanently. */
    public static final int FAILED = ExitCode.FAILED;
    /** The exit code for invalid user input. Nothing was read from Kafka. */
    public static final int BAD_INPUT = ExitCode.BAD_INPUT;

    private final Cli cli;

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
        cli = new Cli(out, err, environment);
    }

    public static void main(String[] args) {
        Cli cli = new Cli(System.out, System.err, System.getenv());
        Program.run(() -> cli.run(args), () -> {
            cli.stop();
            return cli.endLimit();
        });
    }

    /**
     * Runs until {@link #stop} or a failure. Call it once for each object.
     *
     * @return the program's exit code
     */
    public int run(String... args) {
        return cli.run(args);
    }

    /** Makes {@link #run} return once the tasks in progress have ended. Any thread may call it at any time. */
    public void stop() {
        cli.stop();
    }
}
