package io.github.wasmton.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** The threads of this process. */
public final class Threads {
    private static final Path TASKS = Path.of("/proc/self/task");

    private Threads() {}

    /** Counts them, those of native libraries included where the system tells; elsewhere those that Java knows. */
    public static int count() {
        if (!Files.isDirectory(TASKS)) {
            return ManagementFactory.getThreadMXBean().getThreadCount();
        }
        try (Stream<Path> tasks = Files.list(TASKS)) {
            return (int) tasks.count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
