package io.github.wasmton.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A main class in its own JVM, so that its threads, memory and sockets do not count in the measurement. */
final class ChildProgram implements AutoCloseable {
    private final Process process;
    private final String firstLine;

    /** Starts the program, and waits for the line that it prints when it is ready. */
    ChildProgram(Class<?> program, String heap, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx" + heap,
                "-XX:+UseSerialGC", "-XX:+IgnoreUnrecognizedVMOptions", "--sun-misc-unsafe-memory-access=allow",
                "-cp", System.getProperty("java.class.path"), program.getName()));
        command.addAll(List.of(arguments));
        process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        firstLine = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))
                .readLine();
        if (firstLine == null) {
            throw new IOException(program.getSimpleName() + " did not start");
        }
    }

    String firstLine() {
        return firstLine;
    }

    @Override
    public void close() {
        process.destroy();
    }

    /** Ends the program when its parent has ended, in any way. The program itself calls this. */
    static void endWithParent() {
        Thread watching = new Thread(() -> {
            try {
                System.in.read();
            } catch (IOException e) {
                // as good an end
            }
            System.exit(0);
        });
        watching.setDaemon(true);
        watching.start();
    }
}
