package io.github.wasmton.internal.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

import io.github.wasmton.Wasmton;
import io.github.wasmton.testing.ChildJvm;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CompilationTest {
    private static final Path FILE = Path.of("bomb.wasm");
    private static final Compilation.Limits LONG = new Compilation.Limits(Duration.ofMinutes(5), Long.MAX_VALUE);

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
                () -> Compilation.within(new Compilation.Limits(Duration.ofMillis(100), Long.MAX_VALUE), FILE, stop,
                        bomb));
        assertEquals(ExitCode.BAD_INPUT, e.exitCode());
        assertTrue(e.getMessage().startsWith("bomb.wasm was not compiled within 100ms. --compile-deadline "),
                e.getMessage());
    }

    @Test
    void memoryEndsTheWait() {
        AtomicLong resident = new AtomicLong(1 << 20);
        BadInputException e = assertThrows(BadInputException.class,
                () -> Compilation.within(new Compilation.Limits(LONG.time(), 64 << 20), FILE, stop, bomb,
                        () -> resident.getAndAdd(10 << 20)));
        assertEquals("Compiling bomb.wasm took more than 64MiB of memory. --max-compile-memory gives it more. 'wasmton "
                + "compile' compiles it beforehand, on a machine that has more.", e.getMessage());
    }

    /** A thousand loops in each other, each with a variable of its own: it would take minutes and a gigabyte. */
    @ParameterizedTest
    @ValueSource(strings = {"inspect", "compile"})
    @Tag("own-jvm")
    void smallFileThatTakesAGigabyteEndsTheProgram(String command, @TempDir Path folder) throws Exception {
        Path wasm = Files.write(folder.resolve("bomb.wasm"), bomb(1_000));
        assertTrue(Files.size(wasm) < 20_000);
        for (List<String> limit : List.of(List.of("--max-compile-memory", "64MiB"),
                List.of("--compile-deadline", "1s"))) {
            ChildJvm.Result result = new ChildJvm().run(Wasmton.class, command, limit.get(0), limit.get(1),
                    "--code-cache", folder.resolve("cache").toString(), wasm.toString());
            assertEquals(ExitCode.BAD_INPUT, result.exit(), result.out() + result.err());
            assertTrue(result.err().contains(limit.get(0) + " gives it more"), result.err());
        }
    }

    @Test
    void stopEndsTheWait() {
        stop.complete(null);
        CommandException e = assertThrows(CommandException.class, () -> Compilation.within(LONG, FILE, stop, bomb));
        assertEquals(ExitCode.OK, e.exitCode());
        assertEquals("Stopped while bomb.wasm was compiled.", e.getMessage());
    }

    private static byte[] bomb(int loops) {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        body.write(1);
        number(body, loops);
        body.write(0x7f);  // of i32
        for (int i = 0; i < loops; i++) {
            body.writeBytes(new byte[] {0x03, 0x40, 0x20});  // loop, local.get
            number(body, i);
            body.writeBytes(new byte[] {0x41, 1, 0x6a, 0x21});  // i32.const 1, i32.add, local.set
            number(body, i);
        }
        for (int i = loops - 1; i >= 0; i--) {
            body.write(0x20);
            number(body, i);
            body.writeBytes(new byte[] {0x0d, 0, 0x0b});  // br_if, end
        }
        body.write(0x0b);
        ByteArrayOutputStream code = new ByteArrayOutputStream();
        code.write(1);
        number(code, body.size());
        code.writeBytes(body.toByteArray());
        ByteArrayOutputStream module = new ByteArrayOutputStream();
        module.writeBytes(new byte[] {0, 'a', 's', 'm', 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 5, 3, 1, 0, 1,
            7, 16, 2, 6, 'm', 'e', 'm', 'o', 'r', 'y', 2, 0, 3, 'r', 'u', 'n', 0, 0, 10});
        number(module, code.size());
        module.writeBytes(code.toByteArray());
        return module.toByteArray();
    }

    /** Writes a number in LEB128. */
    private static void number(ByteArrayOutputStream out, int number) {
        for (; number >= 0x80; number >>= 7) {
            out.write(number | 0x80);
        }
        out.write(number);
    }
}
