package io.github.wasmton.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.Map;

import io.github.wasmton.Wasmton;

/**
 * A finished run of the program in this JVM.
 *
 * @param out its standard output
 * @param err its standard error
 */
public record ProgramRun(int exitCode, String out, String err) {
    /** Runs the program with these arguments and an empty environment. */
    public static ProgramRun of(String... args) {
        return with(Map.of(), args);
    }

    /** Runs the program with these arguments and this environment. */
    public static ProgramRun with(Map<String, String> environment, String... args) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int code = new Wasmton(new PrintStream(out, true, UTF_8), new PrintStream(err, true, UTF_8),
                environment).run(args);
        return new ProgramRun(code, out.toString(UTF_8), err.toString(UTF_8));
    }
}
