package io.github.wasmton.internal.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import io.github.wasmton.internal.text.Quantity;

/**
 * The loading of a guest within a time and an amount of memory. Nothing can end a compiler, so it has a thread of its
 * own, which the end of the program ends. A small file can take the compiler minutes, and gigabytes.
 */
final class Compilation {
    private static final Logger log = LoggerFactory.getLogger(Compilation.class);

    /** Time after which a line says that it still compiles, and between two such lines. */
    static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final Duration LINES = Duration.ofSeconds(30);
    private static final int LOOK_MILLIS = 50;

    private Compilation() {
    }

    /**
     * Limits of one compilation.
     *
     * @param memory bytes by which the memory of the process may grow meanwhile
     */
    record Limits(Duration time, long memory) {}

    /**
     * Returns what {@code load} returns, or throws what it throws.
     *
     * @param stop ends the wait when it completes
     */
    static <T> T within(Limits limits, Path wasm, CompletableFuture<Void> stop, Supplier<T> load)
            throws CommandException {
        return within(limits, wasm, stop, load, Compilation::resident);
    }

    /** Does so, with a supplier of the memory of the process. */
    static <T> T within(Limits limits, Path wasm, CompletableFuture<Void> stop, Supplier<T> load,
            LongSupplier resident) throws CommandException {
        CompletableFuture<T> loaded = new CompletableFuture<>();
        long before = resident.getAsLong();
        Thread thread = new Thread(() -> {
            try {
                loaded.complete(load.get());
            } catch (Throwable e) {
                loaded.completeExceptionally(e);
            }
        }, "wasmton-compiler");
        thread.setDaemon(true);
        thread.start();
        long start = System.nanoTime();
        long nextLine = PATIENCE.toNanos();
        while (true) {
            try {
                return loaded.get(LOOK_MILLIS, TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                Duration passed = Duration.ofNanos(System.nanoTime() - start);
                if (stop.isDone()) {
                    throw new CommandException(ExitCode.OK, "Stopped while " + wasm + " was compiled.", e);
                }
                if (passed.compareTo(limits.time) > 0) {
                    throw new BadInputException(wasm + " was not compiled within " + Quantity.time(limits.time)
                            + ". --compile-deadline gives it more time. 'wasmton compile' compiles it beforehand.", e);
                }
                if (resident.getAsLong() - before > limits.memory) {
                    throw new BadInputException("Compiling " + wasm + " took more than "
                            + Quantity.size(limits.memory) + " of memory. --max-compile-memory gives it more. 'wasmton "
                            + "compile' compiles it beforehand, on a machine that has more.", e);
                }
                if (passed.toNanos() > nextLine) {
                    log.info("Still compiling {}, for {} s so far; --compile-deadline is {}", wasm, passed.toSeconds(),
                            Quantity.time(limits.time));
                    nextLine += LINES.toNanos();
                }
            } catch (ExecutionException e) {
                if (e.getCause() instanceof RuntimeException thrown) {
                    throw thrown;
                }
                if (e.getCause() instanceof Error thrown) {
                    throw thrown;
                }
                throw new IllegalStateException("loading a guest throws nothing else", e.getCause());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new CommandException(ExitCode.FAILED, "Interrupted while " + wasm + " was compiled.", e);
            }
        }
    }

    /** Returns the memory of this process in bytes; 0 where the system does not say it as Linux does. */
    static long resident() {
        try {
            for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
                if (line.startsWith("VmRSS:")) {
                    return Long.parseLong(line.replaceAll("[^0-9]", "")) << 10;
                }
            }
        } catch (IOException e) {
            log.debug("The memory that compiling takes is not limited here: {}", e.toString());
        }
        return 0;
    }
}
