package io.github.wasmton.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A JVM of its own with the class path of the tests, for what this one cannot show or should not have to survive. */
public final class ChildJvm {
    /** Where the native library is, if not in the jar: children need to know it too. */
    private static final String LIBRARY = "io.github.wasmton.native.path";
    private static final int LIMIT_MINUTES = 3;

    private final Map<String, String> environment = new HashMap<>();
    private final List<String> options = new ArrayList<>(List.of("--enable-native-access=ALL-UNNAMED"));
    private Path directory = Path.of("").toAbsolutePath();
    private ProcessBuilder.Redirect input = ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile());

    /** What a JVM left behind. */
    public record Result(int exit, String out, String err) {
        /** How many tests passed, where it ran tests. */
        public int passed() {
            Matcher matcher = Pattern.compile("(\\d+) tests successful").matcher(out);
            return matcher.find() ? Integer.parseInt(matcher.group(1)) : 0;
        }

        /** Fails with everything that the JVM said unless it ended well. */
        public Result succeeded() {
            assertEquals(0, exit, () -> "the JVM ended with exit code " + exit + "\n" + out + err);
            return this;
        }
    }

    /** With those options before the class. */
    public ChildJvm(String... options) {
        if (System.getProperty(LIBRARY) != null) {
            this.options.add("-D" + LIBRARY + '=' + System.getProperty(LIBRARY));
        }
        this.options.addAll(Arrays.asList(options));
    }

    /** Started in that directory. */
    public ChildJvm in(Path newDirectory) {
        directory = newDirectory;
        return this;
    }

    /** With that in its environment. */
    public ChildJvm with(String variable, String value) {
        environment.put(variable, value);
        return this;
    }

    /** With its standard input from that file; it is empty otherwise. */
    public ChildJvm reading(Path file) {
        input = ProcessBuilder.Redirect.from(file.toFile());
        return this;
    }

    /** Runs a main class to its end. */
    public Result run(Class<?> main, String... arguments) {
        return run(main.getName(), Arrays.asList(arguments));
    }

    /** Runs tests, chosen by arguments of JUnit's console; they have to pass, and there has to be one. */
    public Result runTests(String... selection) {
        List<String> arguments = new ArrayList<>(List.of("execute", "--disable-banner", "--disable-ansi-colors",
                "--details", "summary", "--fail-if-no-tests", "--include-classname", ".*"));
        arguments.addAll(Arrays.asList(selection));
        return run("org.junit.platform.console.ConsoleLauncher", arguments).succeeded();
    }

    private Result run(String main, List<String> arguments) {
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java")
                .toString()));
        command.addAll(options);
        for (String name : List.of("wasmton.project.dir", "wasmton.test.guests", "wasmton.test.classpath")) {
            command.add("-D" + name + '=' + System.getProperty(name));
        }
        command.addAll(List.of("-cp", System.getProperty("wasmton.test.classpath"), main));
        command.addAll(arguments);
        try {
            Path out = Files.createTempFile("child", ".out");
            Path err = Files.createTempFile("child", ".err");
            try {
                ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile())
                        .redirectInput(input).redirectOutput(out.toFile()).redirectError(err.toFile());
                builder.environment().putAll(environment);
                Process process = builder.start();
                if (!process.waitFor(LIMIT_MINUTES, TimeUnit.MINUTES)) {
                    process.destroyForcibly();
                    fail("the JVM did not end within " + LIMIT_MINUTES + " minutes: " + command + '\n'
                            + Files.readString(out) + Files.readString(err));
                }
                return new Result(process.exitValue(), Files.readString(out), Files.readString(err));
            } finally {
                Files.delete(out);
                Files.delete(err);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for " + main, e);
        }
    }
}
