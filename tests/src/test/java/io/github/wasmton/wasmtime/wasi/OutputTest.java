package io.github.wasmton.wasmtime.wasi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import io.github.wasmton.guest.Guest;
import io.github.wasmton.guest.GuestModule;
import io.github.wasmton.guest.GuestOptions;
import io.github.wasmton.guest.Outcome;
import io.github.wasmton.guest.Task;
import io.github.wasmton.testing.OnThread;
import io.github.wasmton.testing.Wasm;
import io.github.wasmton.wasmtime.Extern;
import io.github.wasmton.wasmtime.Instance;
import io.github.wasmton.wasmtime.Linker;
import io.github.wasmton.wasmtime.Store;
import io.github.wasmton.wasmtime.WasmFunctions;
import io.github.wasmton.wasmtime.WasmtimeException;

class OutputTest {
    /** Writes its task to standard output. */
    private static final String PROCESSOR = """
            (module
              (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
              (import "decaton" "poll_task" (func $poll (param i64 i32) (result i32)))
              (memory (export "memory") 1)
              (func (export "run")
                (i32.store (i32.const 8) (i32.const 32))
                (i32.store (i32.const 12) (call $poll (i64.const 32) (i32.const 100)))
                (drop (call $write (i32.const 1) (i32.const 8) (i32.const 1) (i32.const 0)))))""";

    @TempDir
    private Path directory;

    private static WasiConfig to(Output output) {
        return WasiConfig.builder().stdout(output).build();
    }

    @Test
    void outputAndErrorAreSeparate() {
        Capture out = new Capture(1000);
        Capture err = new Capture(1000);
        WasiConfig.Builder config = WasiConfig.builder().stdout(Output.stream(out)).stderr(Output.stream(err));
        try (StdioGuest guest = new StdioGuest(config)) {
            assertEquals(0, guest.write(1, "to 1"));
            assertEquals(0, guest.write(2, "to 2"));
        }
        assertEquals("to 1", out.text());
        assertEquals("to 2", err.text());
    }

    @Test
    void discardedOutputIsWrittenSuccessfully() {
        try (StdioGuest guest = new StdioGuest(to(Output.discard()))) {
            assertEquals(0, guest.write(1, "text"));
        }
    }

    @Test
    void fileIsCreatedAndAppendedTo() throws Exception {
        Path file = directory.resolve("file");
        for (int i = 0; i < 2; i++) {
            try (StdioGuest guest = new StdioGuest(to(Output.file(file)))) {
                guest.write(1, "a");
                guest.write(1, "b");
            }
        }
        assertEquals("abab", Files.readString(file));
    }

    @Test
    void unwritableFileIsNamed() {
        WasmtimeException e = assertThrows(WasmtimeException.class, () -> new StdioGuest(to(Output.file(directory))));
        assertTrue(e.getMessage().startsWith("cannot open the file '" + directory + "' as the guest's stdout: "),
                e.getMessage());
    }

    @Test
    void streamTakesLargeOutput() {
        String text = "0123456789".repeat(20_000);
        Capture capture = new Capture(1 << 20);
        try (StdioGuest guest = new StdioGuest(to(Output.stream(capture)))) {
            for (int i = 0; i < 5; i++) {
                assertEquals(0, guest.write(1, text));
            }
        }
        assertEquals(text.repeat(5), capture.text());
    }

    @Test
    void everyWriteIsFlushedOnTheThreadThatEnteredTheGuest() {
        List<String> calls = new ArrayList<>();
        Thread thread = Thread.currentThread();
        OutputStream stream = new OutputStream() {
            @Override
            public void write(int b) {
                calls.add(Thread.currentThread() == thread ? "write " + (char) b : "another thread");
            }

            @Override
            public void flush() {
                calls.add(Thread.currentThread() == thread ? "flush" : "another thread");
            }
        };
        try (StdioGuest guest = new StdioGuest(to(Output.stream(stream)))) {
            guest.write(1, "a");
            guest.write(1, "b");
        }
        assertEquals(List.of("write a", "flush", "write b", "flush"), calls);
    }

    @Test
    void exceptionComesOutAsTheSameObject() {
        IOException thrown = new IOException("disk full");
        OutputStream stream = new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw thrown;
            }
        };
        try (StdioGuest guest = new StdioGuest(to(Output.stream(stream)))) {
            for (int i = 0; i < 100; i++) {
                assertSame(thrown, assertThrows(IOException.class, () -> guest.write(1, "text")));
            }
        }
    }

    /** A stream that runs an action when it is written to. */
    private static Output doing(Runnable action) {
        return Output.stream(new OutputStream() {
            @Override
            public void write(int b) {
                action.run();
            }
        });
    }

    @Test
    void streamMayUseOtherGuests() {
        Capture capture = new Capture(1000);
        try (StdioGuest inner = new StdioGuest(to(Output.stream(capture)));
                StdioGuest outer = new StdioGuest(to(doing(() -> inner.write(1, "from within"))))) {
            assertEquals(0, outer.write(1, "x"));
            assertEquals(0, outer.write(1, "x"));
        }
        assertEquals("from withinfrom within", capture.text());
    }

    /** Tries what would create two mutable references to one Store, or free it while in use. */
    @Test
    void streamCannotUseTheStoreThatCallsIt() {
        StdioGuest[] guest = new StdioGuest[1];
        List<Throwable> thrown = new ArrayList<>();
        guest[0] = new StdioGuest(to(doing(() -> {
            thrown.add(assertThrows(IllegalStateException.class, () -> guest[0].write(1, "x")));
            thrown.add(assertThrows(IllegalStateException.class, () -> new Wasi(guest[0].store, WasiConfig.EMPTY)));
            thrown.add(assertThrows(IllegalStateException.class, () -> new Linker(guest[0].store)));
        })));
        try (StdioGuest open = guest[0]) {
            assertEquals(0, open.write(1, "x"));
        }
        assertEquals(3, thrown.size());
    }

    /** Uses the Caller of an outer host function, which WASI's caller is using now. */
    @Test
    void streamCannotUseTheStoreThroughAnOuterHostFunction() {
        try (Store store = new Store(); Linker linker = new Linker(store)) {
            List<Throwable> thrown = new ArrayList<>();
            Capture after = new Capture(10);
            new Wasi(store, to(doing(() -> thrown.add(
                    assertThrows(IllegalStateException.class, () -> new Wasi(store, to(Output.stream(after))))))))
                    .addToLinker(linker);
            Instance inner = Wasm.instantiate(linker, """
                    (module
                      (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
                      (memory (export "memory") 1)
                      (data (i32.const 8) "\\20\\00\\00\\00\\01\\00\\00\\00")
                      (func (export "f")
                        (drop (call $write (i32.const 1) (i32.const 8) (i32.const 1) (i32.const 0)))))""");
            var write = WasmFunctions.consumer(inner.getFunc("f"));
            linker.define("host", "f", Extern.fromFunc(
                    WasmFunctions.wrap(store, () -> {
                        write.accept();
                        // By now it is free again.
                        new Wasi(store, to(Output.stream(after)));
                        write.accept();
                    })));
            Instance outer = Wasm.instantiate(linker,
                    "(module (import \"host\" \"f\" (func $f)) (func (export \"g\") (call $f)))");
            WasmFunctions.consumer(outer.getFunc("g")).accept();
            assertEquals(1, thrown.size());
            assertEquals(1, after.bytes().length);
        }
    }

    @Test
    void endlessRecursionOfAStreamEndsWithItsError() {
        try (StdioGuest guest = new StdioGuest(to(doing(OutputTest::recurse)))) {
            for (int i = 0; i < 10; i++) {
                assertThrows(StackOverflowError.class, () -> guest.write(1, "x"));
            }
        }
    }

    private static void recurse() {
        recurse();
    }

    @Test
    void endlessRecursionAcrossGuestsEndsWithItsError() {
        List<StdioGuest> guests = new ArrayList<>();
        assertThrows(StackOverflowError.class, () -> nest(guests));
        guests.forEach(StdioGuest::close);
    }

    private static void nest(List<StdioGuest> guests) {
        StdioGuest guest = new StdioGuest(to(doing(() -> nest(guests))));
        guests.add(guest);
        guest.write(1, "x");
    }

    @Test
    void streamMayCloseTheStoreThatCallsIt() {
        StdioGuest[] guest = new StdioGuest[1];
        guest[0] = new StdioGuest(to(doing(() -> guest[0].close())));
        assertEquals(0, guest[0].write(1, "x"));
        assertThrows(IllegalStateException.class, () -> guest[0].write(1, "x"));
    }

    @Test
    void guestsOnManyThreadsShareAStream() {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        WasiConfig config = to(Output.stream(all));
        List<OnThread> threads = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            threads.add(OnThread.start("a guest", () -> {
                try (StdioGuest guest = new StdioGuest(config)) {
                    for (int n = 0; n < 1000; n++) {
                        guest.write(1, "line\n");
                    }
                }
            }));
        }
        threads.forEach(thread -> assertEquals(null, thread.thrown()));
        assertEquals("line\n".repeat(4000), all.toString(StandardCharsets.UTF_8));
    }

    @Test
    void streamTakesTheOutputOfATaskProcessor() {
        Capture capture = new Capture(1000);
        assertEquals(Outcome.DONE, process(Output.stream(capture)));
        assertEquals("a task", capture.text());
    }

    @Test
    void exceptionOfAStreamFailsTheTask() {
        Outcome outcome = process(Output.stream(new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException("disk full");
            }
        }));
        Outcome.Failed failed = assertInstanceOf(Outcome.Failed.class, outcome);
        assertEquals(Outcome.Kind.HOST, failed.kind());
        assertEquals("java.io.IOException: disk full", failed.reason());
    }

    private static Outcome process(Output stdout) {
        GuestOptions options = GuestOptions.DEFAULT.withWasi(to(stdout));
        try (GuestModule module = Wasm.guest(PROCESSOR, options); Guest guest = module.instantiate()) {
            return guest.process(new Task("topic", 0, 0, "a task".getBytes(StandardCharsets.UTF_8)));
        }
    }
}
