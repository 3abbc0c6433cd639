package io.github.wasmton.article;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import io.github.wasmton.guest.Guest;
import io.github.wasmton.guest.GuestModule;
import io.github.wasmton.guest.GuestOptions;
import io.github.wasmton.guest.Outcome;
import io.github.wasmton.guest.Task;
import io.github.wasmton.testing.ChildJvm;
import io.github.wasmton.testing.Wasm;
import io.github.wasmton.wasmtime.TrapException;
import io.github.wasmton.wasmtime.wasi.PreopenDir;
import io.github.wasmton.wasmtime.wasi.WasiConfig;

/** The article's processor with the article's first guest, both as printed. */
class WasmtonProcessorTest {
    private static final List<String> MESSAGES = List.of("Hello", "from", "Wasm!");

    @TempDir
    private Path directory;

    private static byte[] task(String message) {
        return ("{\"message\":\"" + message + "\"}").getBytes(UTF_8);
    }

    /** Runs in its own JVM, since the processor grants its guest the working directory. */
    @Test
    @Tag("own-jvm")
    void listingRunsAsWritten() throws Exception {
        ChildJvm.Result result = new ChildJvm().in(directory)
                .run(Processes.class, Wasm.built("article-file").toString()).succeeded();
        assertEquals("not JSON: a trap\n", result.out());
        assertEquals(MESSAGES, Files.readAllLines(directory.resolve("messages")));
    }

    static class Processes {
        public static void main(String[] args) throws Exception {
            WasmtonProcessor processor = new WasmtonProcessor(args[0]);
            for (String message : MESSAGES) {
                processor.process(null, task(message));
            }
            try {
                processor.process(null, "no JSON".getBytes(UTF_8));
            } catch (TrapException e) {
                System.out.println("not JSON: a trap");
            }
            processor.close();
        }
    }

    @Test
    void articlesGuestRunsOnTheFastPath() throws Exception {
        GuestOptions options = GuestOptions.DEFAULT.withWasi(new WasiConfig(List.of(), Map.of(),
                List.of(new PreopenDir(directory.toString(), "/"))));
        try (GuestModule module = GuestModule.load(Wasm.built("article-file"), options);
                Guest guest = module.instantiate()) {
            for (String message : MESSAGES) {
                assertSame(Outcome.DONE, guest.process(new Task("topic", 0, 0, task(message))));
            }
            Outcome bad = guest.process(new Task("topic", 0, 3, "no JSON".getBytes(UTF_8)));
            assertTrue(bad instanceof Outcome.Failed failed && failed.kind() == Outcome.Kind.TRAP, bad.toString());
            assertSame(Outcome.DONE, guest.process(new Task("topic", 0, 4, task("again"))));
        }
        assertEquals(List.of("Hello", "from", "Wasm!", "again"), Files.readAllLines(directory.resolve("messages")));
    }
}
