package io.github.wasmton.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

import ch.qos.logback.classic.Level;
import io.github.wasmton.testing.GuestLogCapture;
import io.github.wasmton.testing.TestGuests;
import io.github.wasmton.testing.Wasm;
import io.github.wasmton.wasmtime.ResourceLimitException;
import io.github.wasmton.wasmtime.TrapException;
import io.github.wasmton.wasmtime.wasi.Input;
import io.github.wasmton.wasmtime.wasi.WasiConfig;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests deadlines of waiting guests, limits, and the reasons of their failures. */
class GuestLimitsTest {
    private static final Duration HASTY = Duration.ofMillis(100);

    private static final String POLL = "(import \"decaton\" \"poll_task\" (func $poll (param i64 i32) (result i32)))";

    private static final String WASI = """
              (import "wasi_snapshot_preview1" "poll_oneoff"
                (func $poll_oneoff (param i32 i32 i32 i32) (result i32)))
              (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
              (memory (export "memory") 1)
              ;; a subscription at 1024: a clock, in an hour
              (data (i32.const 1048) "\\00\\60\\f8\\56\\46\\03\\00\\00")
              (func $sleep (result i32)
                (call $poll_oneoff (i32.const 1024) (i32.const 2048) (i32.const 1) (i32.const 4096)))
            """;

    private final GuestLogCapture log = new GuestLogCapture(Level.INFO);

    @AfterEach
    void stop() {
        log.close();
    }

    /** Runs tasks of these lengths in a module with that body, and returns the last outcome. */
    private static Outcome run(GuestOptions options, String body, int... lengths) {
        try (GuestModule module = Wasm.guest("(module " + POLL + body + ")", options);
             Guest guest = module.instantiate()) {
            Outcome outcome = null;
            for (int length : lengths) {
                outcome = guest.process(new Task("topic", 1, 7, new byte[length]));
            }
            return outcome;
        }
    }

    private static Outcome.Failed failed(Outcome.Kind kind, Outcome outcome) {
        Outcome.Failed failed = assertInstanceOf(Outcome.Failed.class, outcome);
        assertEquals(kind, failed.kind(), failed.reason());
        return failed;
    }

    @Test
    void deadlineEndsASleep() {
        Outcome.Failed failed = failed(Outcome.Kind.DEADLINE, run(GuestOptions.DEFAULT.withDeadline(HASTY), WASI
                + "(func (export \"run\") (drop (call $poll (i64.const 0) (i32.const 8))) (drop (call $sleep)))", 1));
        assertEquals("the guest did not return within 100ms", failed.reason());
        assertTrue(failed.backtrace().contains("sleep"), failed.backtrace());
    }

    @Test
    void shortSleepEndsWithItsEvent() {
        String body = WASI.replace("\\00\\60\\f8\\56\\46\\03\\00\\00", "\\40\\42\\0f\\00\\00\\00\\00\\00") + """
                (func (export "run") (result i32)
                  (i64.store (i32.const 1024) (i64.const 77))
                  (drop (call $poll (i64.const 0) (i32.const 8)))
                  (if (call $sleep) (then (return (i32.const 1))))
                  (i32.or
                    (i32.ne (i32.load (i32.const 4096)) (i32.const 1))
                    (i64.ne (i64.load (i32.const 2048)) (i64.const 77))))""";
        assertEquals(Outcome.DONE, run(GuestOptions.DEFAULT, body, 1, 1));
    }

    @Test
    void deadlineEndsAWaitForStandardInput() {
        GuestOptions options = GuestOptions.DEFAULT.withDeadline(HASTY)
                .withWasi(WasiConfig.builder().stdin(Input.inherit()).build());
        // What the build gives its tests as standard input may also be at its end.
        String body = WASI + """
                (func (export "run") (result i32)
                  (drop (call $poll (i64.const 0) (i32.const 8)))
                  (i32.store (i32.const 512) (i32.const 600))
                  (i32.store (i32.const 516) (i32.const 8))
                  (loop $next
                    (drop (call $fd_read (i32.const 0) (i32.const 512) (i32.const 1) (i32.const 520)))
                    (br $next))
                  (unreachable))""";
        failed(Outcome.Kind.DEADLINE, run(options, body, 1));
    }

    /** Between such calls there is no loop and no call of a wasm function, so the guest does not look at the epoch. */
    @Test
    void deadlineEndsLongHostCallsOneAfterTheOther() {
        String random = """
                (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
                (memory (export "memory") 1000)
                """;
        String calls = "(drop (call $random (i32.const 0) (i32.const 60000000)))".repeat(300);
        GuestOptions options = GuestOptions.DEFAULT.withDeadline(HASTY).withStartDeadline(HASTY);
        failed(Outcome.Kind.DEADLINE, run(options, random
                + "(func (export \"run\") (drop (call $poll (i64.const 0) (i32.const 8)))" + calls + ")", 1));
        String start = "(module " + random + "(func (export \"_initialize\")" + calls + ") (func (export \"run\")))";
        try (GuestModule module = Wasm.guest(start, options)) {
            TrapException e = assertThrows(TrapException.class, module::instantiate);
            assertEquals("the guest did not start within 100ms: wasm trap: interrupt", e.getMessage());
        }
    }

    /** One call writes 30 million lines, which takes seconds; the count of those that came shows that it was cut. */
    @Test
    void deadlineEndsALongWriteToTheLog() {
        String body = """
                (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
                (memory (export "memory") 1000)
                (func (export "run") (local $at i32)
                  (drop (call $poll (i64.const 0) (i32.const 8)))
                  (i32.store (i32.const 16) (i32.const 1024))
                  (i32.store (i32.const 20) (i32.const 60000000))
                  (memory.fill (i32.const 1024) (i32.const 10) (i32.const 60000000))
                  (loop $next
                    (i32.store8 offset=1024 (local.get $at) (i32.const 120))
                    (br_if $next (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 2)))
                      (i32.const 60000000))))
                  (drop (call $write (i32.const 1) (i32.const 16) (i32.const 1) (i32.const 32))))""";
        GuestOptions options = GuestOptions.DEFAULT.withDeadline(Duration.ofMillis(300));
        failed(Outcome.Kind.DEADLINE, run(options, body, 1));
        List<String> lines = log.take();
        String dropped = lines.get(lines.size() - 1);
        assertTrue(dropped.endsWith(" more lines of this task were dropped")
                && Long.parseLong(dropped.split(" ")[0]) < 29_000_000, dropped);
    }

    @Test
    void randomBytesEndAtTheEndOfTheMemory() {
        // The errnos of a buffer that ends with the memory, of one that ends a byte behind it, and of one that wraps.
        assertEquals(Outcome.DONE, run(GuestOptions.DEFAULT, """
                (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
                (memory (export "memory") 2)
                (func (export "run") (result i32)
                  (drop (call $poll (i64.const 0) (i32.const 8)))
                  (i32.or
                    (call $random (i32.const 1) (i32.const 131071))
                    (i32.or
                      (i32.ne (i32.const 21) (call $random (i32.const 2) (i32.const 131071)))
                      (i32.ne (i32.const 21) (call $random (i32.const 8) (i32.const -1))))))""", 1));
    }

    @Test
    void guestHasOnlySoManyFilesOpen(@TempDir Path directory) {
        // Opens "." five times, closes one, opens two more; the errnos are those of the fourth and of the last.
        String body = """
                (import "wasi_snapshot_preview1" "path_open"
                  (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
                (import "wasi_snapshot_preview1" "fd_close" (func $fd_close (param i32) (result i32)))
                (memory (export "memory") 1)
                (data (i32.const 64) ".")
                (func $open (result i32)
                  (call $path_open (i32.const 3) (i32.const 0) (i32.const 64) (i32.const 1) (i32.const 2)
                    (i64.const 0) (i64.const 0) (i32.const 0) (i32.const 128)))
                (func (export "run") (result i32)
                  (drop (call $poll (i64.const 0) (i32.const 8)))
                  (if (i32.or (call $open) (i32.or (call $open) (call $open))) (then (return (i32.const 5))))
                  (if (i32.ne (i32.const 33) (call $open)) (then (return (i32.const 6))))
                  (if (call $fd_close (i32.load (i32.const 128))) (then (return (i32.const 7))))
                  (if (call $open) (then (return (i32.const 8))))
                  (if (i32.ne (i32.const 33) (call $open)) (then (return (i32.const 9))))
                  (unreachable))""";
        GuestOptions options = GuestOptions.DEFAULT
                .withWasi(WasiConfig.builder().readOnlyDir(directory, "/").build())
                .withLimits(GuestLimits.DEFAULT.withFiles(3));
        Outcome.Failed failed = failed(Outcome.Kind.MEMORY, run(options, body, 1));
        assertTrue(failed.reason().startsWith("the guest wanted to open a file, had 3 files and directories "
                + "open, and may have 3 (GuestLimits.files)"), failed.reason());
    }

    @Test
    void startHasItsOwnDeadline() {
        GuestOptions options = GuestOptions.DEFAULT.withStartDeadline(HASTY);
        String sleeps = "(module " + POLL + WASI + "(func (export \"_initialize\") (drop (call $sleep)))"
                + "(func (export \"run\")))";
        try (GuestModule module = Wasm.guest(sleeps, options)) {
            TrapException e = assertThrows(TrapException.class, module::instantiate);
            assertEquals("the guest did not start within 100ms: wasm trap: interrupt", e.getMessage());
        }
        String loops = "(module (memory (export \"memory\") 1) (func (export \"run\"))"
                + "(func (export \"_initialize\") (loop $for_ever (br $for_ever))))";
        try (GuestModule module = Wasm.guest(loops, options.withDeadline(Duration.ofDays(1)))) {
            assertTrue(assertThrows(TrapException.class, module::instantiate).getMessage().contains("did not start"));
        }
    }

    /** Grows its memory by 100 pages for each byte of its task; traps where it gets none. */
    private static final String GROWS = """
              (memory (export "memory") 1)
              (func $run (export "run")
                (if (i32.eq (memory.grow (i32.mul (i32.const 100) (call $poll (i64.const 0) (i32.const 9))))
                      (i32.const -1))
                  (then unreachable)))""";

    @Test
    void failureNamesTheMemoryLimit() {
        GuestOptions options = GuestOptions.DEFAULT.withLimits(GuestLimits.DEFAULT.withMemory(64 << 20));
        assertSame(Outcome.DONE, run(options, GROWS, 1, 1, 1));
        Outcome.Failed failed = failed(Outcome.Kind.MEMORY, run(options, GROWS, 9, 2));
        String limit = "the guest asked for 12.5MiB of memory, had 56.3MiB in use, and may have 64MiB "
                + "(GuestLimits.memory)";
        assertTrue(failed.reason().startsWith(limit + "; then: "), failed.reason());
        assertTrue(failed.backtrace().contains("!run"), failed.backtrace());
        assertEquals(List.of("WARN topic-1@7: " + limit), log.lines());
    }

    @Test
    void defaultIs128MiB() {
        assertSame(Outcome.DONE, run(GuestOptions.DEFAULT, GROWS, 9, 9));
        failed(Outcome.Kind.MEMORY, run(GuestOptions.DEFAULT, GROWS, 9, 9, 9));
    }

    @Test
    void guestMayHandleDeniedMemory() {
        String copes = """
                (memory (export "memory") 1)
                (func (export "run") (result i32)
                  (drop (call $poll (i64.const 0) (i32.const 9)))
                  (i32.add (i32.const 1) (memory.grow (i32.const 60000))))""";
        assertEquals(Outcome.DONE, run(GuestOptions.DEFAULT, copes, 1));
        assertEquals(1, log.take().size());
    }

    @Test
    void trapAfterHandledDenialIsATrap() {
        String copesAndTraps = """
                (memory (export "memory") 1)
                (func (export "run")
                  (if (i32.eq (call $poll (i64.const 0) (i32.const 9)) (i32.const 1))
                    (then (drop (memory.grow (i32.const 60000))))
                    (else unreachable)))""";
        failed(Outcome.Kind.TRAP, run(GuestOptions.DEFAULT, copesAndTraps, 1, 2));
    }

    @Test
    void tablesHaveALimit() {
        GuestOptions options = GuestOptions.DEFAULT.withLimits(GuestLimits.DEFAULT.withTableElements(100));
        String grows = """
                (memory (export "memory") 1)
                (table $table 90 funcref)
                (func (export "run")
                  (drop (call $poll (i64.const 0) (i32.const 9)))
                  (if (i32.eq (table.grow $table (ref.null func) (i32.const 11)) (i32.const -1))
                    (then unreachable)))""";
        Outcome.Failed failed = failed(Outcome.Kind.MEMORY, run(options, grows, 1));
        assertTrue(failed.reason().startsWith("the guest asked for 11 more table elements, had 90, and may have 100"),
                failed.reason());
    }

    @ParameterizedTest
    @ValueSource(strings = {"(memory (export \"memory\") 3000)",
        "(memory (export \"memory\") 1) (table 2000000 funcref)"})
    void limitsIncludeInitialMemories(String takes) {
        try (GuestModule module = Wasm.guest("(module " + takes + " (func (export \"run\")))", GuestOptions.DEFAULT)) {
            String message = assertThrows(ResourceLimitException.class, module::instantiate).getMessage();
            assertTrue(message.contains("and may have"), message);
        }
    }

    @Test
    void componentsHaveTheSameLimits() {
        String component = """
                (component
                  (core module $m
                    (memory (export "memory") 1)
                    (func (export "run")
                      (if (i32.eq (memory.grow (i32.const 4000)) (i32.const -1)) (then unreachable))))
                  (core instance $i (instantiate $m))
                  (func (export "run") (canon lift (core func $i "run"))))""";
        try (GuestModule module = Wasm.guest(component, GuestOptions.DEFAULT); Guest guest = module.instantiate()) {
            Outcome.Failed failed = failed(Outcome.Kind.MEMORY, guest.process(TestGuests.task("")));
            assertTrue(failed.reason().startsWith("the guest asked for 250MiB of memory, had 64KiB in use"),
                    failed.reason());
        }
        String starts = component.replace("(export \"memory\") 1", "(export \"memory\") 3000");
        try (GuestModule module = Wasm.guest(starts, GuestOptions.DEFAULT)) {
            assertThrows(ResourceLimitException.class, module::instantiate);
        }
    }

    /** Writes its task to the stream of that number. */
    private static String writes(int stream) {
        return """
                (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
                (memory (export "memory") 1)
                (func (export "run") (result i32)
                  (i32.store (i32.const 0) (i32.const 1000))
                  (i32.store (i32.const 4) (call $poll (i64.const 1000) (i32.const 60000)))
                  (call $write (i32.const %d) (i32.const 0) (i32.const 1) (i32.const 8)))""".formatted(stream);
    }

    private void writing(GuestOptions options, int stream, String text) {
        try (GuestModule module = Wasm.guest("(module " + POLL + writes(stream) + ")", options);
             Guest guest = module.instantiate()) {
            assertSame(Outcome.DONE, guest.process(TestGuests.task(text)));
        }
    }

    @ParameterizedTest
    @CsvSource({"1, INFO", "2, WARN"})
    void logShowsOutputWithItsTask(int stream, String level) {
        writing(GuestOptions.DEFAULT, stream, "one\n\ntwo\r\n\u001b[31mthree");
        assertEquals(List.of(level + " topic-0@7: one", level + " topic-0@7: two",
                level + " topic-0@7: \\u{1b}[31mthree"), log.lines());
    }

    @Test
    void limitsAFloodOfOutput() {
        writing(GuestOptions.DEFAULT, 1, "x\n".repeat(3000));
        List<String> lines = log.take();
        assertEquals(1001, lines.size());
        assertEquals("2000 more lines of this task were dropped", lines.get(1000));
        writing(GuestOptions.DEFAULT, 1, "x".repeat(20_000));
        assertEquals(8192 + " ... (11808 bytes more)".length(), log.take().get(0).length());
    }

    @Test
    void loggingCanBeTurnedOff() {
        writing(GuestOptions.DEFAULT.withLogging(new GuestLogging(false, true)), 1, "to this JVM's standard output\n");
        assertEquals(List.of(), log.lines());
    }

    @Test
    void failureHasTheLastWordsInItsReasonAndInTheLog() {
        try (GuestModule module = GuestModule.load(Wasm.built("hostile"), GuestOptions.DEFAULT);
             Guest guest = module.instantiate()) {
            Outcome.Failed panic = failed(Outcome.Kind.TRAP, guest.process(TestGuests.task("panic")));
            assertTrue(panic.reason().contains("its last words: thread '<unnamed>'")
                    && panic.reason().endsWith(": on purpose"), panic.reason());
            assertTrue(log.lines().contains("WARN topic-0@7: on purpose"), log.lines().toString());
            Outcome.Failed memory = failed(Outcome.Kind.MEMORY, guest.process(TestGuests.task("allocate")));
            assertTrue(memory.reason().contains("; its last words: memory allocation of 2147418112 bytes failed"),
                    memory.reason());
            assertSame(Outcome.DONE, guest.process(TestGuests.task("nothing")));
        }
    }

    /** Acts as a guest of Go or C does, which prints why it returns a number. */
    @Test
    void numberThatAGuestReturnsHasTheLastWordsToo() {
        try (GuestModule module = Wasm.guest("""
                (module
                  (import "decaton" "poll_task" (func $poll (param i64 i32) (result i32)))
                  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
                  (memory (export "memory") 1)
                  (data (i32.const 0) "\\10\\00\\00\\00\\0e\\00\\00\\00")
                  (data (i32.const 16) "404 Not Found\\n")
                  (func (export "run") (result i32)
                    (drop (call $poll (i64.const 100) (i32.const 100)))
                    (drop (call $write (i32.const 2) (i32.const 0) (i32.const 1) (i32.const 8)))
                    (i32.const 2)))""", GuestOptions.DEFAULT); Guest guest = module.instantiate()) {
            Outcome.Failed refused = (Outcome.Failed) guest.process(TestGuests.task("x"));
            assertEquals("run returned 2; its last words: 404 Not Found", refused.reason());
        }
    }

    @Test
    void rejectsImpossibleLimits() {
        assertThrows(IllegalArgumentException.class, () -> GuestLimits.DEFAULT.withMemory(65535));
        assertThrows(IllegalArgumentException.class, () -> GuestLimits.DEFAULT.withTableElements(-1));
        assertThrows(IllegalArgumentException.class,
                () -> new GuestLimits(65536, 0, 0, 0, 1, 0, 65536, 65536, 0, 0));
        assertThrows(IllegalArgumentException.class, () -> GuestLimits.DEFAULT.withFileSize(-1));
        assertThrows(IllegalArgumentException.class, () -> GuestLimits.DEFAULT.withWritten(-1));
    }
}
