package io.github.wasmton.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

import ch.qos.logback.classic.Level;
import io.github.wasmton.testing.Await;
import io.github.wasmton.testing.ChildJvm;
import io.github.wasmton.testing.GuestLogCapture;
import io.github.wasmton.testing.TestGuests;
import io.github.wasmton.testing.TestServer;
import io.github.wasmton.testing.Wasm;
import io.github.wasmton.wasmtime.ResourceLimitException;
import io.github.wasmton.wasmtime.wasi.Input;
import io.github.wasmton.wasmtime.wasi.NetworkAccess;
import io.github.wasmton.wasmtime.wasi.WasiConfig;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests the limits of the memory that a component makes the host hold for it. */
class HostMemoryTest {
    private static final long MIB = 1 << 20;

    /** Logs a line of 1,000 characters, reads standard input, produces the task itself, and reads again. */
    private static final String ECHO = """
            (module
              (import "wasmton_v1" "next" (func $next (param i32 i32) (result i32)))
              (import "wasmton_v1" "produce" (func $produce (param i32 i32) (result i32)))
              (import "wasmton_v1" "log" (func $log (param i32 i32 i32)))
              (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
              (memory (export "memory") 4)
              (func $look
                (i32.store (i32.const 16) (i32.const 32))
                (i32.store (i32.const 20) (i32.const 1))
                (drop (call $read (i32.const 0) (i32.const 16) (i32.const 1) (i32.const 24))))
              (func (export "run") (local $size i32)
                (local.set $size (call $next (i32.const 65536) (i32.const 131072)))
                (call $log (i32.const 4) (i32.const 65536) (i32.const 1000))
                (call $look)
                (if (call $produce (i32.const 65536) (local.get $size)) (then unreachable))
                (call $look)))""";

    private final GuestLogCapture log = new GuestLogCapture(Level.INFO);

    @AfterEach
    void stop() {
        log.close();
    }

    private static Outcome.Failed failed(Outcome.Kind kind, Outcome outcome) {
        Outcome.Failed failed = assertInstanceOf(Outcome.Failed.class, outcome);
        assertEquals(kind, failed.kind(), failed.reason());
        return failed;
    }

    private static GuestModule probe(GuestOptions options) {
        return probe("probe", options);
    }

    /** Loads the probe of WASI 0.2, or the one of 0.3. */
    private static GuestModule probe(String name, GuestOptions options) {
        return GuestModule.load(TestGuests.guest(name), options);
    }

    /** Each makes far more than 32 MiB in all, with fewer handles than a guest may have. */
    @ParameterizedTest
    @CsvSource({"probe, fields 3900 15000", "probe, lists 3900 15000", "probe, paths 3900 60000",
        "probe, methods 1000 1000000", "probe, bodies 1200", "async-component, fields 3900 15000",
        "async-component, lists 3900 15000", "async-component, paths 1000 60000",
        "async-component, methods 1000 1000000", "async-component, datagrams 600"})
    void budgetEndsAGuestThatForgets(String name, String things) {
        String task = "hold " + things;
        try (GuestModule module = probe(name, GuestOptions.DEFAULT); Guest guest = module.instantiate()) {
            Outcome.Failed failed = failed(Outcome.Kind.MEMORY, guest.process(TestGuests.task(task)));
            assertTrue(failed.reason().startsWith("the guest made the host hold ")
                    && failed.reason().contains("it may hold 32MiB (GuestLimits.hostMemory)"), failed.reason());
            assertEquals(0, module.hostMemoryInUse(), "the instance is gone");
            assertSame(Outcome.DONE, guest.process(TestGuests.task("nothing")));
        }
    }

    @Test
    void heldMemoryIsVisibleAndDroppedThingsDoNotCount() {
        try (GuestModule module = probe(GuestOptions.DEFAULT)) {
            Guest guest = module.instantiate();
            assertSame(Outcome.DONE, guest.process(TestGuests.task("hold passing-fields 5000 7000")));
            assertEquals(List.of("5000 "), log.take());
            assertTrue(module.hostMemoryInUse() < MIB, module.hostMemoryInUse() + " bytes");
            assertSame(Outcome.DONE, guest.process(TestGuests.task("hold fields 1000 10000")));
            long held = module.hostMemoryInUse();
            assertTrue(held > 10_000_000 && held < 11_000_000, held + " bytes");
            assertSame(Outcome.DONE, guest.process(TestGuests.task("nothing")));
            assertTrue(module.hostMemoryInUse() >= held, "a task later they are still there");
            guest.close();
            assertEquals(0, module.hostMemoryInUse());
        }
    }

    @Test
    void budgetCanBeSetAndIncludesProducedRecords() {
        GuestOptions options = GuestOptions.DEFAULT.withLimits(GuestLimits.DEFAULT.withHostMemory(MIB))
                .withOutputs(OutputAccess.to("out"));
        try (GuestModule module = probe(options); Guest guest = module.instantiate()) {
            failed(Outcome.Kind.MEMORY, guest.process(TestGuests.task("hold fields 100 15000")));
            assertSame(Outcome.DONE, guest.process(TestGuests.task("hold fields 30 15000")));
            Outcome.Failed full = failed(Outcome.Kind.SKIP,
                    guest.process(TestGuests.task("produce-of-size out 10 100000")));
            assertTrue(full.reason().contains("QueueFull"), full.reason());
        }
    }

    /** Its standard input is read within the task, so the memory is looked at there. */
    @Test
    void linesAndRecordsOfACoreModuleCount() {
        AtomicReference<GuestModule> module = new AtomicReference<>();
        List<Long> held = new ArrayList<>();
        InputStream looks = new InputStream() {
            @Override
            public int read() {
                held.add(module.get().hostMemoryInUse());
                return -1;
            }
        };
        GuestOptions options = GuestOptions.DEFAULT.withOutputs(OutputAccess.to("out"))
                .withWasi(WasiConfig.builder().stdin(Input.stream(looks)).build());
        try (GuestModule loaded = Wasm.guest(ECHO, options); Guest running = loaded.instantiate()) {
            module.set(loaded);
            assertInstanceOf(Outcome.Done.class, running.process(new Task("out", 0, 1, new byte[100_000])));
            assertEquals(0, loaded.hostMemoryInUse());
        }
        assertTrue(held.get(0) >= 1_000 && held.get(0) < 2_000, held.toString());
        assertTrue(held.get(1) >= 101_000 && held.get(1) < 102_000, held.toString());
    }

    @Test
    void budgetOfACoreModuleCanBeSet() {
        GuestOptions options = GuestOptions.DEFAULT.withOutputs(OutputAccess.to("out"))
                .withLimits(GuestLimits.DEFAULT.withHostMemory(100_000));
        try (GuestModule module = Wasm.guest(ECHO, options); Guest guest = module.instantiate()) {
            Outcome.Failed failed = failed(Outcome.Kind.MEMORY, guest.process(new Task("out", 0, 1, new byte[99_000])));
            assertTrue(failed.reason().contains("may hold 97.7KiB (GuestLimits.hostMemory)"), failed.reason());
            assertInstanceOf(Outcome.Done.class, guest.process(new Task("out", 0, 1, new byte[98_000])));
            assertEquals(0, module.hostMemoryInUse());
        }
        log.take();
        // Lines that are too many are dropped, and said to be.
        GuestOptions small = GuestOptions.DEFAULT.withLimits(GuestLimits.DEFAULT.withHostMemory(65_536));
        String floods = """
                (module
                  (import "wasmton_v1" "next" (func $next (param i32 i32) (result i32)))
                  (import "wasmton_v1" "log" (func $log (param i32 i32 i32)))
                  (memory (export "memory") 1)
                  (func (export "run") (local $i i32)
                    (drop (call $next (i32.const 1024) (i32.const 8192)))
                    (memory.fill (i32.const 0) (i32.const 120) (i32.const 10000))
                    (loop $again
                      (call $log (i32.const 4) (i32.const 0) (i32.const 10000))
                      (br_if $again (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 20))))))
                """;
        try (GuestModule module = Wasm.guest(floods, small); Guest guest = module.instantiate()) {
            assertSame(Outcome.DONE, guest.process(TestGuests.task("x")));
            List<String> lines = log.take();
            assertEquals(8, lines.size());
            assertTrue(lines.get(0).endsWith("x ... (1808 bytes more)"), lines.get(0));
            assertEquals("13 more lines of this task were dropped", lines.get(7));
        }
    }

    @Test
    void reasonOfARefusalIsCut() {
        try (GuestModule module = probe(GuestOptions.DEFAULT); Guest guest = module.instantiate()) {
            Outcome.Failed failed = failed(Outcome.Kind.SKIP, guest.process(TestGuests.task("refuse 1000000")));
            assertTrue(failed.reason().endsWith("x ... (991808 bytes more)"), failed.reason().length() + " characters");
            assertEquals(8 * 1024 + " ... (991808 bytes more)".length(), failed.reason().length());
            // More than the host may hold does not even get there.
            failed(Outcome.Kind.TRAP, guest.process(TestGuests.task("refuse 40000000")));
        }
    }

    @Test
    void acceptedConnectionsHaveALimit() {
        GuestOptions options = GuestOptions.DEFAULT
                .withNetwork(new NetworkAccess(List.of("127.0.0.1"), List.of("127.0.0.1")));
        try (GuestModule module = probe(options); Guest guest = module.instantiate()) {
            assertSame(Outcome.DONE, guest.process(TestGuests.task("hold accepted 1000 127.0.0.1:0")));
            List<String> lines = log.take();
            int made = Integer.parseInt(lines.get(lines.size() - 1).split(" ")[0]);
            assertTrue(made > 100 && made < 128, lines.toString());
            assertEquals("a guest may have 128 sockets at a time, and has them", lines.get(0));
        }
    }

    /** Each connection is left to one stream. */
    @Test
    void socketsThatOnlyStreamsKeepOpenHaveALimit() throws Exception {
        try (TestServer server = new TestServer(connection -> connection.getInputStream().read())) {
            GuestOptions options = GuestOptions.DEFAULT.withNetwork(NetworkAccess.to(server.address()));
            try (GuestModule module = probe("async-component", options); Guest guest = module.instantiate()) {
                assertSame(Outcome.DONE, guest.process(TestGuests.task("hold receiving 1000 " + server.address())));
                List<String> lines = log.take();
                assertTrue(lines.get(1).startsWith("128 "), lines.toString());
                assertEquals("a guest may have 128 sockets at a time, and has them", lines.get(0));
                Await.until("the connections", () -> server.open() == 128);
                failed(Outcome.Kind.TRAP, guest.process(TestGuests.task("panic")));
                Await.until("the connections' end", () -> server.open() == 0);
            }
        }
    }

    /** A call of WASI 0.3 keeps its path while it waits for its turn. */
    @Test
    void pathsHaveALimit(@TempDir Path directory) {
        GuestOptions options = GuestOptions.DEFAULT.withWasi(WasiConfig.builder().readOnlyDir(directory, "/").build());
        try (GuestModule module = probe("async-component", options); Guest guest = module.instantiate()) {
            assertSame(Outcome.DONE, guest.process(TestGuests.task("hold path-of 5000")));
            assertEquals(List.of("0 ErrorCode::NameTooLong"), log.take());
        }
    }

    @Test
    void randomBytesOfOneCallHaveALimit() {
        try (GuestModule module = probe(GuestOptions.DEFAULT); Guest guest = module.instantiate()) {
            assertSame(Outcome.DONE, guest.process(TestGuests.task("hold random 1000000")));
            failed(Outcome.Kind.TRAP, guest.process(TestGuests.task("hold random 2000000")));
        }
    }

    @Test
    void headersOfARequestHaveALimit() {
        try (GuestModule module = probe(GuestOptions.DEFAULT); Guest guest = module.instantiate()) {
            assertSame(Outcome.DONE, guest.process(TestGuests.task("hold fields 1 16000")));
            assertEquals(List.of("1 "), log.take());
            Outcome.Failed failed = failed(Outcome.Kind.TRAP, guest.process(TestGuests.task("hold fields 1 17000")));
            assertEquals("total size of fields exceeds limit", failed.reason());
        }
    }

    @Test
    void handlesHaveALimit() {
        try (GuestModule module = probe(GuestOptions.DEFAULT); Guest guest = module.instantiate()) {
            assertSame(Outcome.DONE, guest.process(TestGuests.task("hold handles 4000")));
            failed(Outcome.Kind.TRAP, guest.process(TestGuests.task("hold handles 200")));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"probe", "async-component"})
    void headersOfTheConnectionAreForbidden(String name) {
        try (GuestModule module = probe(name, GuestOptions.DEFAULT); Guest guest = module.instantiate()) {
            for (String header : List.of("te", "trailer", "expect", "connection", "host", "transfer-encoding")) {
                assertSame(Outcome.DONE, guest.process(TestGuests.task("hold header " + header)));
                assertEquals(List.of("0 HeaderError::Forbidden"), log.take(), header);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"probe, files 1000 /file", "probe, directories 1000 /", "async-component, files 1000 /file",
        "async-component, directories 1000 /", "async-component, reading 1000 /file"})
    void componentHasOnlySoManyFilesOpen(String name, String opens, @TempDir Path directory) throws Exception {
        Files.writeString(directory.resolve("file"), "content");
        GuestOptions options = GuestOptions.DEFAULT
                .withWasi(WasiConfig.builder().readOnlyDir(directory, "/").build());
        try (GuestModule module = probe(name, options); Guest guest = module.instantiate()) {
            assertSame(Outcome.DONE, guest.process(TestGuests.task("hold " + opens)));
            List<String> lines = log.take();
            int made = Integer.parseInt(lines.get(lines.size() - 1).split(" ")[0]);
            assertTrue(made > 100 && made < 256, lines.toString());
            assertTrue(lines.get(0).contains("and may have 256 (GuestLimits.files)"),
                    lines.toString());
            // Kept across tasks, and gone with the instance.
            assertSame(Outcome.DONE, guest.process(TestGuests.task("hold files 9 /file")));
            lines = log.take();
            assertTrue(Integer.parseInt(lines.get(lines.size() - 1).split(" ")[0]) < 3, lines.toString());
            failed(Outcome.Kind.TRAP, guest.process(TestGuests.task("panic")));
            log.take();
            assertSame(Outcome.DONE, guest.process(TestGuests.task("hold files 9 /file")));
            assertEquals(List.of("9 "), log.take());
        }
    }

    /** An open directory is a list of its names in the host's memory. */
    @ParameterizedTest
    @ValueSource(strings = {"probe", "async-component"})
    void namesOfOpenDirectoriesCount(String name, @TempDir Path directory) throws Exception {
        for (int i = 0; i < 2_000; i++) {
            Files.createFile(directory.resolve("x".repeat(200) + i));
        }
        GuestOptions options = GuestOptions.DEFAULT
                .withWasi(WasiConfig.builder().readOnlyDir(directory, "/").build());
        try (GuestModule module = probe(name, options); Guest guest = module.instantiate()) {
            assertSame(Outcome.DONE, guest.process(TestGuests.task("hold directories 10 /")));
            assertTrue(module.hostMemoryInUse() > 4_000_000, module.hostMemoryInUse() + " bytes");
            failed(Outcome.Kind.MEMORY, guest.process(TestGuests.task("hold directories 100 /")));
            assertEquals(0, module.hostMemoryInUse());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"probe", "async-component"})
    void fifoIsNotOpened(String name, @TempDir Path directory) throws Exception {
        Path fifo = directory.resolve("fifo");
        assertEquals(0, new ProcessBuilder("mkfifo", fifo.toString()).inheritIO().start().waitFor());
        GuestOptions options = GuestOptions.DEFAULT.withDeadline(Duration.ofMinutes(2))
                .withWasi(WasiConfig.builder().readOnlyDir(directory, "/").build());
        try (GuestModule module = probe(name, options); Guest guest = module.instantiate()) {
            assertSame(Outcome.DONE, guest.process(TestGuests.task("hold files 1 /fifo")));
            List<String> lines = log.take();
            assertTrue(lines.get(0).startsWith("the FIFO '") && lines.get(1).startsWith("0 "), lines.toString());
        }
        String core = """
                (module
                  (import "decaton" "poll_task" (func $poll (param i64 i32) (result i32)))
                  (import "wasi_snapshot_preview1" "path_open"
                    (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
                  (memory (export "memory") 1)
                  (data (i32.const 64) "fifo")
                  (func (export "run") (result i32)
                    (drop (call $poll (i64.const 0) (i32.const 8)))
                    (call $path_open (i32.const 3) (i32.const 1) (i32.const 64) (i32.const 4) (i32.const 0)
                      (i64.const 2) (i64.const 2) (i32.const 0) (i32.const 128))))""";
        try (GuestModule module = Wasm.guest(core, options); Guest guest = module.instantiate()) {
            Outcome.Failed failed = failed(Outcome.Kind.REFUSED, guest.process(TestGuests.task("")));
            assertTrue(failed.reason().startsWith("run returned 63"), failed.reason());
            assertTrue(log.lines().toString().contains("the FIFO 'fifo' was not opened"), log.lines().toString());
        }
    }

    /** The name is of the machine, so each look-up ends soon; the most that ran at a time is what counts. */
    @Test
    void lookUpsUnderWayHaveALimit() {
        GuestOptions options = GuestOptions.DEFAULT.withNetwork(NetworkAccess.to("*:1"));
        try (GuestModule module = probe(options); Guest guest = module.instantiate()) {
            assertSame(Outcome.DONE, guest.process(TestGuests.task("hold look-ups 2000 localhost")));
            List<String> lines = log.take();
            int begun = Integer.parseInt(lines.get(lines.size() - 1).split(" ")[0]);
            assertTrue(begun >= 8 && (begun == 2000 || lines.get(0).contains("8 look-ups")), lines.toString());
        }
    }

    /** It is the process's limit, so other tests must not run under it. */
    @Test
    @Tag("own-jvm")
    void allGuestsTogetherHaveALimit() {
        new ChildJvm().run(Total.class, TestGuests.guest("probe").toString()).succeeded();
    }

    static class Total {
        public static void main(String[] args) throws InterruptedException {
            GuestModule.maxTotalMemory(40 * MIB);
            GuestOptions options = GuestOptions.DEFAULT.withStartDeadline(Duration.ofMillis(300));
            String grows = """
                    (module
                      (import "decaton" "poll_task" (func $poll (param i64 i32) (result i32)))
                      (memory (export "memory") 256)
                      (func (export "run")
                        (if (i32.eq (memory.grow (call $poll (i64.const 0) (i32.const 1000))) (i32.const -1))
                          (then unreachable))))""";
            try (GuestModule module = Wasm.guest(grows, options); GuestModule other = probe(options)) {
                Guest first = module.instantiate();
                Guest second = module.instantiate();
                assertTrue(GuestModule.totalMemoryInUse() >= 32 * MIB, "two of 16 MiB");
                ResourceLimitException e = assertThrows(ResourceLimitException.class, module::instantiate);
                assertTrue(e.getMessage().contains("may have 40MiB (GuestModule.maxTotalMemory)"), e.getMessage());
                Outcome.Failed failed = failed(Outcome.Kind.MEMORY,
                        first.process(new Task("topic", 0, 1, new byte[200])));
                assertTrue(failed.reason().contains("all guests of the process"), failed.reason());
                // Another module's guests count as well.
                try (Guest holding = other.instantiate()) {
                    failed(Outcome.Kind.MEMORY, holding.process(TestGuests.task("hold fields 3000 15000")));
                }
                first.close();
                second.close();
            }
            assertEquals(0, GuestModule.totalMemoryInUse());
            GuestOptions patient = options.withStartDeadline(Duration.ofMinutes(2));
            try (GuestModule module = Wasm.guest(grows, patient)) {
                Guest first = module.instantiate();
                Guest second = module.instantiate();
                Thread ends = new Thread(() -> {
                    try {
                        Thread.sleep(200);
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                    first.close();
                });
                ends.start();
                module.instantiate().close();  // waits for that
                ends.join();
                second.close();
            }
        }
    }
}
