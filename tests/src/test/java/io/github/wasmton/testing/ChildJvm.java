package io.github.wasmton.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A JVM with the class path of the tests, for tests that need other options or may end the JVM. */
public final class ChildJvm {
    /** The property that names the native library if it is not in the jar: children need it too. */
    private static final String LIBRARY = "io.github.wasmton.native.path";
    /** Time without {@link #LEAST_PROGRESS} after which a process counts as stuck. */
    private static final int STUCK_MINUTES = 3;
    /** More CPU time than an idle JVM uses in that time, and less than a busy machine leaves to a process. */
    private static final Duration LEAST_PROGRESS = Duration.ofSeconds(2);
    /** CPU time after which a process counts as looping. */
    private static final Duration MOST_CPU = Duration.ofMinutes(15);

    private final Map<String, String> environment = new HashMap<>();
    private final List<String> options = new ArrayList<>(List.of("--enable-native-access=ALL-UNNAMED"));
    private List<String> prefix = List.of();
    private String classPath = System.getProperty("wasmton.test.classpath");
    private Path directory = Path.of("").toAbsolutePath();
    private ProcessBuilder.Redirect input = ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile());

    /** The exit code and the output of a JVM. */
    public record Result(int exit, String out, String err) {
        /** Returns the number of tests that passed, if the JVM ran tests. */
        public int passed() {
            Matcher matcher = Pattern.compile("(\\d+) tests successful").matcher(out);
            return matcher.find() ? Integer.parseInt(matcher.group(1)) : 0;
        }

        /** Fails with the JVM's output unless its exit code is 0. */
        public Result succeeded() {
            assertEquals(0, exit, () -> "the JVM ended with exit code " + exit + "\n" + out + err);
            return this;
        }
    }

    /** Prepares a JVM with these options. */
    public ChildJvm(String... options) {
        if (System.getProperty(LIBRARY) != null) {
            this.options.add("-D" + LIBRARY + '=' + System.getProperty(LIBRARY));
        }
        this.options.addAll(Arrays.asList(options));
    }

    /** Sets the working directory. */
    public ChildJvm in(Path newDirectory) {
        directory = newDirectory;
        return this;
    }

    /** Sets another class path than that of the tests. */
    public ChildJvm withClassPath(String newClassPath) {
        classPath = newClassPath;
        return this;
    }

    /** Sets an environment variable. */
    public ChildJvm with(String variable, String value) {
        environment.put(variable, value);
        return this;
    }

    /** Preloads a library in C, whose functions go before those of the system; {@code directory} is for its files. */
    public ChildJvm preloading(String source, Path directory) throws IOException, InterruptedException {
        Path file = Files.writeString(directory.resolve("preload.c"), source);
        Path library = directory.resolve("preload.so");
        Process compiler = new ProcessBuilder("cc", "-shared", "-fPIC", "-o", library.toString(), file.toString(),
                "-ldl").inheritIO().start();
        assertEquals(0, compiler.waitFor());
        return with("LD_PRELOAD", library.toString());
    }

    /** Has another program start the JVM, whose command line follows these arguments. */
    public ChildJvm under(String... program) {
        prefix = List.of(program);
        return this;
    }

    /** Sets the file for standard input, which is empty by default. */
    public ChildJvm reading(Path file) {
        input = ProcessBuilder.Redirect.from(file.toFile());
        return this;
    }

    /** Runs a main class to its end. */
    public Result run(Class<?> main, String... arguments) {
        return run(main.getName(), Arrays.asList(arguments));
    }

    /** Runs a main class that is on the class path of that JVM alone. */
    public Result run(String main) {
        return run(main, List.of());
    }

    /** Runs tests, selected by arguments of JUnit's console. At least one has to be selected, and all have to pass. */
    public Result runTests(String... selection) {
        List<String> arguments = new ArrayList<>(List.of("execute", "--disable-banner", "--disable-ansi-colors",
                "--details", "summary", "--fail-if-no-tests", "--include-classname", ".*"));
        arguments.addAll(Arrays.asList(selection));
        return run("org.junit.platform.console.ConsoleLauncher", arguments).succeeded();
    }

    /**
     * Waits for the end of a process as long as it makes progress, however slow a busy machine makes it. Kills it if it
     * stands still for {@value #STUCK_MINUTES} minutes, or loops.
     *
     * @return true if the process ended by itself
     */
    public static boolean awaitEnd(Process process) throws InterruptedException {
        Duration used = Duration.ZERO;
        while (!process.waitFor(STUCK_MINUTES, TimeUnit.MINUTES)) {
            Duration before = used;
            used = process.info().totalCpuDuration().orElse(before);
            if (used.minus(before).compareTo(LEAST_PROGRESS) < 0 || used.compareTo(MOST_CPU) > 0) {
                process.destroyForcibly();
                return false;
            }
        }
        return true;
    }

    private Result run(String main, List<String> arguments) {
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java")
                .toString()));
        command.addAll(0, prefix);
        command.addAll(options);
        for (String name : List.of("wasmton.project.dir", "wasmton.test.guests", "wasmton.test.classpath")) {
            command.add("-D" + name + '=' + System.getProperty(name));
        }
        command.addAll(List.of("-cp", classPath, main));
        command.addAll(arguments);
        try {
            Path out = Files.createTempFile("child", ".out");
            Path err = Files.createTempFile("child", ".err");
            try {
                ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile())
                        .redirectInput(input).redirectOutput(out.toFile()).redirectError(err.toFile());
                builder.environment().putAll(environment);
                Process process = builder.start();
                if (!awaitEnd(process)) {
                    fail("the JVM hangs: " + command + '\n' + Files.readString(out) + Files.readString(err));
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
