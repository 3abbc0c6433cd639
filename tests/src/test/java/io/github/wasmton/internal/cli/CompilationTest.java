package io.github.wasmton.internal.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;

import org.junit.jupiter.api.Test;

class CompilationTest {
    private static final Path FILE = Path.of("bomb.wasm");
    private static final Duration LONG = Duration.ofMinutes(5);

    private final CountDownLatch never = new CountDownLatch(1);
    private final CompletableFuture<Void> stop = new CompletableFuture<>();
    /** Compiles without end. */
    private final Supplier<String> bomb = () -> {
        try {
            never.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        return "compiled";
    };

    @Test
    void resultAndErrorsComeThrough() throws Exception {
        assertEquals("guest", Compilation.within(LONG, FILE, stop, () -> "guest"));
        IllegalArgumentException thrown = new IllegalArgumentException("no processor");
        assertSame(thrown, assertThrows(IllegalArgumentException.class,
                () -> Compilation.within(LONG, FILE, stop, () -> {
                    throw thrown;
                })));
    }

    @Test
    void deadlineEndsTheWait() {
        BadInputException e = assertThrows(BadInputException.class,
                () -> Compilation.within(Duration.ofMillis(100), FILE, stop, bomb));
        assertEquals(ExitCode.BAD_INPUT, e.exitCode());
        assertTrue(e.getMessage().startsWith("bomb.wasm was not compiled within 100ms. --compile-deadline "),
                e.getMessage());
    }

    @Test
    void stopEndsTheWait() {
        stop.complete(null);
        CommandException e = assertThrows(CommandException.class, () -> Compilation.within(LONG, FILE, stop, bomb));
        assertEquals(ExitCode.OK, e.exitCode());
        assertEquals("Stopped while bomb.wasm was compiled.", e.getMessage());
    }
}
