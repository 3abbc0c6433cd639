package io.github.wasmton.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import io.github.wasmton.testing.Await;
import io.github.wasmton.testing.OnThread;
import io.github.wasmton.testing.TestGuests;
import io.github.wasmton.testing.Wasm;
import io.github.wasmton.wasmtime.ExitException;
import io.github.wasmton.wasmtime.TrapCode;
import io.github.wasmton.wasmtime.TrapException;
import io.github.wasmton.wasmtime.WasmtimeException;
import io.github.wasmton.wasmtime.wasi.Output;
import io.github.wasmton.wasmtime.wasi.PreopenDir;
import io.github.wasmton.wasmtime.wasi.WasiConfig;

class GuestTest {
    private static final String POLL = "(import \"decaton\" \"poll_task\" (func $poll (param i64 i32) (result i32)))";

    /** A guest that returns a hash (FNV-1a) of the length and bytes of its task, which shows what it got. */
    private static final String HASH = "(module " + POLL + """
              (memory (export "memory") 18)
              (func (export "run") (result i32)
                (local $length i32) (local $at i32) (local $hash i32)
                (local.set $length (call $poll (i64.const 1024) (i32.const 1048576)))
                (local.set $hash (i32.add (i32.const 0x811c9dc5) (local.get $length)))
                (block $done
                  (loop $next
                    (br_if $done (i32.ge_s (local.get $at) (local.get $length)))
                    (local.set $hash (i32.mul (i32.const 0x01000193)
                      (i32.xor (local.get $hash) (i32.load8_u offset=1024 (local.get $at)))))
                    (local.set $at (i32.add (local.get $at) (i32.const 1)))
                    (br $next)))
                (local.get $hash)))""";

    @TempDir
    private Path directory;
    private final List<AutoCloseable> opened = new ArrayList<>();

    @AfterEach
    void closeAll() throws Exception {
        for (AutoCloseable one : opened) {
            one.close();
        }
    }

    private Guest guest(String wat, GuestOptions options) {
        GuestModule module = Wasm.guest(wat, options);
        Guest guest = module.instantiate();
        opened.add(guest);
        opened.add(module);
        return guest;
    }

    private Guest guest(String wat) {
        return guest(wat, GuestOptions.DEFAULT);
    }

    private static Task task(byte[] value) {
        return new Task("topic", 0, 0, value);
    }

    private static Task task(int length) {
        return task(new byte[length]);
    }

    private static Outcome.Failed failed(Outcome.Kind kind, Outcome outcome) {
        Outcome.Failed failed = assertInstanceOf(Outcome.Failed.class, outcome);
        assertEquals(kind, failed.kind(), failed.reason());
        return failed;
    }

    /** Returns the status of {@code run}, which is not 0. */
    private static int refused(Outcome outcome) {
        String reason = assertInstanceOf(Outcome.Failed.class, outcome).reason();
        assertTrue(reason.startsWith("run returned "), reason);
        return Integer.parseInt(reason.substring("run returned ".length()));
    }

    private static int hash(byte[] value) {
        int hash = 0x811c9dc5 + value.length;
        for (byte b : value) {
            hash = (hash ^ (b & 0xff)) * 0x01000193;
        }
        return hash;
    }

    static Stream<byte[]> values() {
        byte[] allValues = new byte[256];
        for (int i = 0; i < allValues.length; i++) {
            allValues[i] = (byte) i;
        }
        byte[] large = new byte[1 << 20];
        new Random(1).nextBytes(large);
        byte[] middle = new byte[200];
        new Random(2).nextBytes(middle);
        return Stream.of(new byte[0], new byte[] {0}, new byte[] {-1}, allValues, middle, large);
    }

    @ParameterizedTest
    @MethodSource("values")
    void guestSeesItsTaskUnchanged(byte[] value) {
        Guest guest = guest(HASH);
        byte[] before = value.clone();
        for (int i = 0; i < 3; i++) {
            assertEquals(hash(value), refused(guest.process(task(value))));
        }
        assertEquals(hash(before), hash(value), "the host does not write to a task");
    }

    @Test
    void tasksOfDifferentLengthsStaySeparate() {
        Guest guest = guest(HASH);
        List<byte[]> values = values().toList();
        for (int i = 0; i < 200; i++) {
            byte[] value = values.get(i % values.size());
            assertEquals(hash(value), refused(guest.process(task(value))));
        }
    }

    @Test
    void tombstoneIsATaskOfLengthZero() {
        assertEquals(hash(new byte[0]), refused(guest(HASH).process(task(null))));
        assertSame(Outcome.DONE, guest("(module " + POLL + """
                  (memory (export "memory") 1)
                  (func (export "run") (result i32) (call $poll (i64.const 0) (i32.const 100))))""")
                .process(task(null)));
    }

    @Test
    void runWithoutAResultSucceeds() {
        Guest guest = guest("(module " + POLL + """
                  (memory (export "memory") 1)
                  (func (export "run") (drop (call $poll (i64.const 0) (i32.const 65536)))))""");
        for (int length : new int[] {0, 1, 200, 65536}) {
            assertSame(Outcome.DONE, guest.process(task(length)));
        }
    }

    /** A guest whose run() returns 0 if the results of its polls equal the list. */
    private static String pollsInTurn(String... callsAndResults) {
        StringBuilder wat = new StringBuilder("(module " + POLL + " (memory (export \"memory\") 1)"
                + " (func (export \"run\") (result i32)");
        for (int i = 0; i < callsAndResults.length; i += 3) {
            wat.append(" (if (i32.ne (call $poll (i64.const ").append(callsAndResults[i]).append(") (i32.const ")
                    .append(callsAndResults[i + 1]).append(")) (i32.const ").append(callsAndResults[i + 2])
                    .append(")) (then (return (i32.const ").append(i / 3 + 1).append("))))");
        }
        return wat.append(" (i32.const 0)))").toString();
    }

    /** Tests a case in which Decaton's first WebAssembly processor dropped the task. */
    @Test
    void sameRunCanPollATaskAgainThatDidNotFit() {
        Guest guest = guest(pollsInTurn("0", "4", "-1", "0", "99", "-1", "0", "100", "100", "0", "100", "-1"));
        for (int i = 0; i < 3; i++) {
            assertEquals(Outcome.DONE, guest.process(task(100)));
        }
    }

    @Test
    void takenTaskIsGone() {
        assertEquals(Outcome.DONE, guest(pollsInTurn("0", "100", "100", "0", "100", "-1", "0", "65536", "-1"))
                .process(task(100)));
        assertEquals(Outcome.DONE, guest(pollsInTurn("0", "0", "0", "0", "0", "-1")).process(task(0)));
    }

    @Test
    void everyTaskIsHandedOverAgain() {
        Guest guest = guest(pollsInTurn("0", "65536", "7", "0", "65536", "-1"));
        for (int i = 0; i < 100; i++) {
            assertEquals(Outcome.DONE, guest.process(task(7)));
        }
        assertEquals(1, refused(guest.process(task(8))), "this test can fail");
    }

    @Test
    void guestThatNeverPollsFailsItsTask() {
        for (String result : new String[] {"", "(result i32) (i32.const 0)"}) {
            Guest guest = guest("(module (memory (export \"memory\") 1) (func (export \"run\") " + result + "))");
            assertEquals("run returned without taking the task by poll_task",
                    failed(Outcome.Kind.NOT_TAKEN, guest.process(task(10))).reason());
            assertEquals("run returned without taking the task by poll_task",
                    failed(Outcome.Kind.NOT_TAKEN, guest.process(task(null))).reason());
        }
    }

    @Test
    void reportsATooSmallBufferWithBothSizes() {
        String wat = "(module " + POLL + """
                  (memory (export "memory") 1)
                  (func (export "run")
                    (drop (call $poll (i64.const 0) (i32.const 50)))
                    (drop (call $poll (i64.const 0) (i32.const 99)))
                    (drop (call $poll (i64.const 0) (i32.const 10)))))""";
        Guest guest = guest(wat);
        assertEquals("run returned without taking the task: its buffer of 99 bytes cannot hold 100",
                failed(Outcome.Kind.NOT_TAKEN, guest.process(task(100))).reason());
        assertSame(Outcome.DONE, guest.process(task(99)));
        assertEquals("run returned without taking the task: its buffer of 99 bytes cannot hold 1048576",
                failed(Outcome.Kind.NOT_TAKEN, guest.process(task(1 << 20))).reason());
    }

    /** The buffer's address and length, for a task of 100 bytes in a memory of one page. */
    @ParameterizedTest
    @CsvSource({
        "-1, 100", "-9223372036854775808, 100", "9223372036854775807, 2147483647", "4294971392, 100",
        "4294967295, 1", "4294967296, 200", "65532, 100", "65436, 101", "65536, 100", "65535, 2147483647",
        "0, -5", "4096, -2147483648", "65536, -1", "-1, -1", "0, 65537", "0, 2147483647"
    })
    void pollRejectsABufferOutsideMemoryAndKeepsTheTask(long address, int length) {
        Guest guest = guest(pollsInTurn(Long.toString(address), Integer.toString(length), "-1", "0", "100", "100"));
        assertEquals(Outcome.DONE, guest.process(task(100)));
        Guest only = guest(pollsInTurn(Long.toString(address), Integer.toString(length), "-1"));
        failed(Outcome.Kind.NOT_TAKEN, only.process(task(100)));
    }

    @ParameterizedTest
    @CsvSource({"0, 100", "65436, 100", "0, 65536", "1, 65535", "65336, 200"})
    void bufferMayEndWithTheMemory(long address, int length) {
        assertEquals(Outcome.DONE, guest(pollsInTurn(Long.toString(address), Integer.toString(length), "100"))
                .process(task(100)));
    }

    @Test
    void taskIsWrittenToItsBufferOnly() {
        // Bytes before and after the task, and in the buffer beyond it, stay 7.
        Guest guest = guest("(module " + POLL + """
                  (memory (export "memory") 1)
                  (func (export "run") (result i32)
                    (memory.fill (i32.const 0) (i32.const 7) (i32.const 65536))
                    (drop (call $poll (i64.const 1000) (i32.const 100)))
                    (i32.sub
                      (i32.or
                        (i32.or (i32.load8_u (i32.const 999)) (i32.shl (i32.load8_u (i32.const 1000)) (i32.const 8)))
                        (i32.or (i32.shl (i32.load8_u (i32.const 1009)) (i32.const 16))
                                (i32.shl (i32.load8_u (i32.const 1010)) (i32.const 24))))
                      (i32.const 0x07010107))))""");
        byte[] ones = new byte[10];
        Arrays.fill(ones, (byte) 1);
        assertEquals(Outcome.DONE, guest.process(task(ones)));
    }

    @ParameterizedTest
    @CsvSource({"1,RETRY", "2,DEAD_LETTER", "3,SKIP", "4,FATAL", "5,REFUSED", "-1,REFUSED", "42,REFUSED",
        Integer.MAX_VALUE + ",REFUSED", Integer.MIN_VALUE + ",REFUSED"})
    void nonzeroResultIsAFailure(int result, Outcome.Kind kind) {
        Guest guest = guest("(module " + POLL + """
                  (memory (export "memory") 1)
                  (func (export "run") (result i32)
                    (drop (call $poll (i64.const 0) (i32.const 100)))
                    (i32.const\s""" + result + ")))");
        Outcome.Failed failed = failed(kind, guest.process(task(1)));
        assertEquals("run returned " + result, failed.reason());
        assertEquals("", failed.backtrace());
    }

    @Test
    void refusalOutranksATaskNotTaken() {
        assertEquals(5, refused(guest("""
                (module (memory (export "memory") 1) (func (export "run") (result i32) (i32.const 5)))""")
                .process(task(1))));
    }

    /**
     * A guest that returns 100 times the calls of _initialize plus the instance's tasks. Tasks of 0 to 3 bytes are
     * faults.
     */
    private static final String COUNTER = "(module " + POLL + """
              (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
              (memory (export "memory") 1)
              (global $initialized (mut i32) (i32.const 0))
              (global $tasks (mut i32) (i32.const 0))
              (func (export "_initialize")
                (global.set $initialized (i32.add (global.get $initialized) (i32.const 1))))
              (func $run (export "run") (result i32)
                (local $length i32)
                (local.set $length (call $poll (i64.const 0) (i32.const 100)))
                (global.set $tasks (i32.add (global.get $tasks) (i32.const 1)))
                (if (i32.eq (local.get $length) (i32.const 0)) (then (call $fail)))
                (if (i32.eq (local.get $length) (i32.const 1)) (then (call $exit (i32.const 3))))
                (if (i32.eq (local.get $length) (i32.const 2)) (then (call $exit (i32.const 0))))
                (if (i32.eq (local.get $length) (i32.const 3)) (then (loop $for_ever (br $for_ever))))
                (i32.add (i32.mul (i32.const 100) (global.get $initialized)) (global.get $tasks)))
              (func $fail unreachable))""";

    @Test
    void guestIsInitializedOnceAndKeepsItsState() {
        Guest guest = guest(COUNTER);
        for (int i = 1; i <= 10; i++) {
            assertEquals(100 + i, refused(guest.process(task(10))));
        }
    }

    @Test
    void trapHasItsFramesAndTheNextTaskGetsAFreshInstance() {
        Guest guest = guest(COUNTER);
        assertEquals(101, refused(guest.process(task(10))));
        assertEquals(102, refused(guest.process(task(10))));
        for (int i = 0; i < 3; i++) {
            Outcome.Failed failed = failed(Outcome.Kind.TRAP, guest.process(task(0)));
            assertTrue(failed.reason().contains("unreachable"), failed.reason());
            String[] frames = failed.backtrace().split("\n");
            assertEquals(2, frames.length, failed.backtrace());
            assertTrue(frames[0].contains("fail") && frames[1].contains("run"), failed.backtrace());
            assertEquals(101, refused(guest.process(task(10))), "a fresh instance, initialised once");
        }
    }

    @Test
    void exitWithAnyStatusIsAFailure() {
        Guest guest = guest(COUNTER);
        refused(guest.process(task(10)));
        for (int status : new int[] {3, 0}) {
            Outcome.Failed failed = failed(Outcome.Kind.EXIT, guest.process(task(status == 3 ? 1 : 2)));
            assertEquals("the guest exited with status " + status + "; a processor returns from run instead",
                    failed.reason());
            assertEquals(101, refused(guest.process(task(10))));
        }
    }

    @Test
    void deadlineStopsAnEndlessGuest() {
        Guest guest = guest(COUNTER, GuestOptions.DEFAULT.withDeadline(Duration.ofSeconds(1)));
        refused(guest.process(task(10)));
        for (int i = 0; i < 2; i++) {
            Outcome.Failed failed = failed(Outcome.Kind.DEADLINE, guest.process(task(3)));
            assertEquals("the guest did not return within 1s", failed.reason());
            assertTrue(failed.backtrace().contains("run"), failed.backtrace());
            assertEquals(101, refused(guest.process(task(10))));
        }
    }

    @Test
    void deadlineAppliesToEachTask() {
        // Each of them takes a good part of the deadline; together they take many.
        Guest guest = guest("(module " + POLL + """
                  (memory (export "memory") 1)
                  (func (export "run")
                    (local $n i32)
                    (drop (call $poll (i64.const 0) (i32.const 100)))
                    (loop $next
                      (local.set $n (i32.add (local.get $n) (i32.const 1)))
                      (br_if $next (i32.lt_u (local.get $n) (i32.const 3000000))))))""",
                GuestOptions.DEFAULT.withDeadline(Duration.ofSeconds(2)));
        long start = System.nanoTime();
        while (System.nanoTime() - start < Duration.ofSeconds(3).toNanos()) {
            assertSame(Outcome.DONE, guest.process(task(1)));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "(start $fail) (func $fail unreachable)",
        "(func (export \"_initialize\") unreachable)",
    })
    void instantiateRejectsAGuestThatTrapsAtItsStart(String starts) {
        GuestModule module = Wasm.guest("(module (memory (export \"memory\") 1) (func (export \"run\")) " + starts
                + ")", GuestOptions.DEFAULT);
        opened.add(module);
        TrapException e = assertThrows(TrapException.class, module::instantiate);
        assertEquals(TrapCode.UNREACHABLE_CODE_REACHED, e.code());
    }

    @Test
    void instantiateRejectsAGuestThatExitsOrHangsAtItsStart() {
        GuestModule exits = Wasm.guest("""
                (module
                  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
                  (memory (export "memory") 1)
                  (func (export "run"))
                  (func (export "_initialize") (call $exit (i32.const 9))))""", GuestOptions.DEFAULT);
        opened.add(exits);
        assertEquals(9, assertThrows(ExitException.class, exits::instantiate).status());
        GuestModule loops = Wasm.guest("""
                (module
                  (memory (export "memory") 1)
                  (func (export "run"))
                  (func (export "_initialize") (loop $for_ever (br $for_ever))))""",
                GuestOptions.DEFAULT.withStartDeadline(Duration.ofMillis(50)));
        opened.add(loops);
        assertEquals(TrapCode.INTERRUPT, assertThrows(TrapException.class, loops::instantiate).code());
    }

    /** Tests a guest whose first instance starts; those after a failure find its file and trap. */
    @Test
    void failedStartOfAFreshInstanceFailsItsTask() throws Exception {
        GuestOptions options = GuestOptions.DEFAULT.withWasi(new WasiConfig(new String[0],
                new PreopenDir[] {new PreopenDir(directory.toString(), "/")}));
        Guest guest = guest("(module " + POLL + """
                  (import "wasi_snapshot_preview1" "path_open"
                    (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
                  (memory (export "memory") 1)
                  (data (i32.const 1000) "started")
                  (func $_initialize (export "_initialize")
                    ;; creates the file, which must not be there
                    (if (call $open (i32.const 3) (i32.const 0) (i32.const 1000) (i32.const 7) (i32.const 5)
                          (i64.const 64) (i64.const 0) (i32.const 0) (i32.const 0))
                      (then unreachable)))
                  (func (export "run")
                    (if (i32.eqz (call $poll (i64.const 0) (i32.const 100))) (then unreachable))))""", options);
        assertSame(Outcome.DONE, guest.process(task(1)));
        failed(Outcome.Kind.TRAP, guest.process(task(0)));
        for (int i = 0; i < 3; i++) {
            Outcome.Failed failed = failed(Outcome.Kind.TRAP, guest.process(task(1)));
            assertTrue(failed.backtrace().contains("_initialize"), failed.backtrace());
        }
        Files.delete(directory.resolve("started"));
        assertSame(Outcome.DONE, guest.process(task(1)));
    }

    @Test
    void pollWritesIntoMemoryThatGrewDuringRun() {
        Guest guest = guest("(module " + POLL + """
                  (memory (export "memory") 1)
                  (func (export "run") (result i32)
                    (local $end i64)
                    (local.set $end (i64.extend_i32_u (i32.mul (memory.size) (i32.const 65536))))
                    (if (i32.ne (call $poll (local.get $end) (i32.const 100)) (i32.const -1))
                      (then (return (i32.const 1))))
                    (drop (memory.grow (i32.const 1)))
                    (if (i32.ne (call $poll (local.get $end) (i32.const 65536)) (i32.const 3))
                      (then (return (i32.const 2))))
                    (if (i32.ne (i32.load8_u offset=2 (i32.wrap_i64 (local.get $end))) (i32.const 3))
                      (then (return (i32.const 3))))
                    (i32.const 0)))""");
        for (int i = 0; i < 20; i++) {
            assertEquals(Outcome.DONE, guest.process(task(new byte[] {1, 2, 3})));
        }
    }

    @Test
    void closedGuestRejectsTasks() {
        Guest guest = guest(HASH);
        guest.close();
        guest.close();
        assertEquals("the Guest is closed",
                assertThrows(IllegalStateException.class, () -> guest.process(task(1))).getMessage());
    }

    @Test
    void guestOutlivesItsModuleEvenAfterAFailure() {
        GuestModule module = Wasm.guest(COUNTER, GuestOptions.DEFAULT);
        Guest guest = module.instantiate();
        module.close();
        assertEquals(101, refused(guest.process(task(10))));
        failed(Outcome.Kind.TRAP, guest.process(task(0)));
        assertEquals(101, refused(guest.process(task(10))));
        guest.close();
    }

    /** Tests a second thread; the guest loops when the thread gets its exception. */
    @Test
    void secondThreadFailsAtOnceAndMayCloseTheGuest() {
        Guest guest = guest(COUNTER, GuestOptions.DEFAULT.withDeadline(Duration.ofMillis(500)));
        List<Outcome> outcomes = new ArrayList<>();
        OnThread first = OnThread.start("the thread that loops until its guest is closed", () -> {
            while (true) {
                try {
                    outcomes.add(guest.process(task(3)));
                } catch (IllegalStateException e) {
                    if (e.getMessage().equals("the Guest is closed")) {
                        throw e;  // else the second thread was first, for once
                    }
                }
            }
        });
        long end = System.nanoTime() + Await.LIMIT.toNanos();
        boolean refused = false;
        while (!refused) {
            try {
                failed(Outcome.Kind.DEADLINE, guest.process(task(3)));
            } catch (IllegalStateException e) {
                refused = e.getMessage().startsWith("the Guest is in use by another call");
                assertTrue(refused, e.getMessage());
            }
            assertTrue(System.nanoTime() < end,
                    "waited " + Await.LIMIT.toSeconds() + " s for the first thread to be in the guest");
        }
        guest.close();
        assertThrows(IllegalStateException.class, () -> guest.process(task(10)));
        assertInstanceOf(IllegalStateException.class, first.thrown());
        outcomes.forEach(outcome -> failed(Outcome.Kind.DEADLINE, outcome));
        assertEquals("the Guest is closed",
                assertThrows(IllegalStateException.class, () -> guest.process(task(10))).getMessage());
    }

    @Test
    void threadsWithAGuestEachShareOneModule() {
        GuestModule module = Wasm.guest(HASH, GuestOptions.DEFAULT);
        AtomicInteger processed = new AtomicInteger();
        List<OnThread> threads = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            Random random = new Random(i);
            threads.add(OnThread.start("guest " + i, () -> {
                for (int instance = 0; instance < 5; instance++) {
                    try (Guest guest = module.instantiate()) {
                        for (int n = 0; n < 200; n++) {
                            byte[] value = new byte[random.nextInt(2000)];
                            random.nextBytes(value);
                            assertEquals(hash(value), refused(guest.process(task(value))));
                            processed.incrementAndGet();
                        }
                    }
                }
            }));
        }
        threads.forEach(OnThread::join);
        assertEquals(4000, processed.get());
        module.close();
    }

    @Test
    void guestMayMoveFromThreadToThread() {
        Guest guest = guest(COUNTER);
        for (int i = 1; i <= 5; i++) {
            int n = i;
            OnThread.run(0, () -> assertEquals(100 + n, refused(guest.process(task(10)))));
        }
    }

    @Test
    void tooLittleThreadStackFailsTheTaskAndKeepsTheInstance() {
        Guest guest = guest(COUNTER);
        AtomicInteger last = new AtomicInteger();
        OnThread.run(1 << 20, () -> {
            Outcome.Failed tooDeep = dive(guest, last);
            assertTrue(tooDeep.reason().contains("entering wasm needs"), tooDeep.reason());
        });
        assertTrue(last.get() > 101, "only the first call had stack enough");
        OnThread.run(1 << 20, () -> assertEquals(last.get() + 1, refused(guest.process(task(10)))));
    }

    /** Processes a task at each depth of the stack until too little is left for a guest; Java still has enough then. */
    private static Outcome.Failed dive(Guest guest, AtomicInteger last) {
        Outcome.Failed failed = assertInstanceOf(Outcome.Failed.class, guest.process(task(10)));
        if (failed.kind() == Outcome.Kind.HOST) {
            return failed;
        }
        last.set(refused(failed));
        return dive(guest, last);
    }

    @Test
    void interruptedThreadProcessesAndStaysInterrupted() {
        Guest guest = guest(HASH);
        OnThread.run(0, () -> {
            Thread.currentThread().interrupt();
            assertEquals(hash(new byte[] {5}), refused(guest.process(task(new byte[] {5}))));
            assertTrue(Thread.interrupted());
        });
    }

    private static String opens(String path) {
        return "(module " + POLL + """
                  (import "wasi_snapshot_preview1" "path_open"
                    (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
                  (memory (export "memory") 1)
                  (data (i32.const 1000) "%s")
                  (func (export "run") (result i32)
                    (drop (call $poll (i64.const 0) (i32.const 100)))
                    (call $open (i32.const 3) (i32.const 1) (i32.const 1000) (i32.const %d) (i32.const 0)
                      (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 0))))""".formatted(path, path.length());
    }

    @Test
    void guestOpensOnlyGrantedDirectories() throws Exception {
        Files.writeString(directory.resolve("there"), "");
        GuestOptions granted = GuestOptions.DEFAULT.withWasi(new WasiConfig(List.of(), Map.of(),
                List.of(new PreopenDir(directory.toString(), "/"))));
        assertSame(Outcome.DONE, guest(opens("there"), granted).process(task(1)));
        assertEquals(44, refused(guest(opens("missing"), granted).process(task(1))), "no such file");
        assertNotEquals(Outcome.DONE, guest(opens("../" + directory.getFileName() + "/there"), granted)
                .process(task(1)));
        assertEquals(8, refused(guest(opens("there")).process(task(1))), "no such directory descriptor");
    }

    @Test
    void guestSeesItsEnvironmentOnly() {
        String countsVariables = "(module " + POLL + """
                  (import "wasi_snapshot_preview1" "environ_sizes_get" (func $sizes (param i32 i32) (result i32)))
                  (memory (export "memory") 1)
                  (func (export "run") (result i32)
                    (drop (call $poll (i64.const 0) (i32.const 100)))
                    (drop (call $sizes (i32.const 200) (i32.const 204)))
                    (i32.add (i32.mul (i32.const 1000) (i32.load (i32.const 200))) (i32.load (i32.const 204)))))""";
        assertSame(Outcome.DONE, guest(countsVariables).process(task(1)), "no variables");
        GuestOptions granted = GuestOptions.DEFAULT.withWasi(new WasiConfig(List.of(), Map.of("A", "b", "C", "de"),
                List.of()));
        assertEquals(2000 + "A=b_C=de_".length(), refused(guest(countsVariables, granted).process(task(1))));
    }

    /** A guest that writes its task to standard output, which a Java stream takes while the guest runs. */
    private static final String WRITES = "(module " + POLL + """
              (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
              (memory (export "memory") 1)
              (func (export "run") (result i32)
                (i32.store (i32.const 0) (i32.const 1000))
                (i32.store (i32.const 4) (call $poll (i64.const 1000) (i32.const 1000)))
                (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))))""";

    private Guest writingTo(Consumer<byte[]> stream) {
        return guest(WRITES, GuestOptions.DEFAULT.withWasi(WasiConfig.builder().stdout(Output.stream(
                new OutputStream() {
                    @Override
                    public void write(int b) {
                        throw new AssertionError("a guest writes arrays");
                    }

                    @Override
                    public void write(byte[] bytes) {
                        stream.accept(bytes);
                    }
                })).build()));
    }

    @Test
    void hostCallbackCannotEnterItsGuest() {
        Guest[] guest = new Guest[1];
        List<String> seen = new ArrayList<>();
        guest[0] = writingTo(bytes -> {
            seen.add(new String(bytes, StandardCharsets.UTF_8));
            seen.add(assertThrows(IllegalStateException.class, () -> guest[0].process(task(1))).getMessage());
        });
        assertSame(Outcome.DONE, guest[0].process(task("a task".getBytes(StandardCharsets.UTF_8))));
        assertEquals(List.of("a task",
                "the Guest is in use by another call; one thread at a time may use it"), seen);
    }

    @Test
    void hostCallbackMayCloseItsGuestAfterTheTask() {
        Guest[] guest = new Guest[1];
        guest[0] = writingTo(bytes -> guest[0].close());
        assertSame(Outcome.DONE, guest[0].process(task(10)));
        assertEquals("the Guest is closed",
                assertThrows(IllegalStateException.class, () -> guest[0].process(task(10))).getMessage());
    }

    @Test
    void instantiateNamesAMissingDirectory() {
        GuestOptions options = GuestOptions.DEFAULT.withWasi(new WasiConfig(new String[0],
                new PreopenDir[] {new PreopenDir(directory.resolve("missing").toString(), "/")}));
        GuestModule module = Wasm.guest(HASH, options);
        opened.add(module);
        WasmtimeException e = assertThrows(WasmtimeException.class, module::instantiate);
        assertTrue(e.getMessage().contains(directory.resolve("missing").toString()), e.getMessage());
    }

    /** A command that also exports {@code run}, as TinyGo makes it: its runtime is set up by {@code _start}. */
    @ParameterizedTest
    @ValueSource(strings = {"", "(call $exit (i32.const 0))"})
    void startsACommandThatIsAProcessor(String ends) {
        try (GuestModule module = Wasm.guest(command(ends, ""), GuestOptions.DEFAULT);
             Guest guest = module.instantiate()) {
            assertSame(Outcome.DONE, guest.process(TestGuests.task("one")));
            assertSame(Outcome.DONE, guest.process(TestGuests.task("two")));
        }
    }

    @Test
    void exitOfACommandWithAnotherStatusIsAFailureToStart() {
        try (GuestModule module = Wasm.guest(command("(call $exit (i32.const 3))", ""), GuestOptions.DEFAULT)) {
            assertEquals(3, assertThrows(ExitException.class, module::instantiate).status());
        }
    }

    @Test
    void initializeGoesBeforeStart() {
        String both = command("unreachable", "(func (export \"_initialize\") (global.set $ready (i32.const 1)))");
        try (GuestModule module = Wasm.guest(both, GuestOptions.DEFAULT); Guest guest = module.instantiate()) {
            assertSame(Outcome.DONE, guest.process(TestGuests.task("one")));
        }
    }

    private static String command(String ends, String more) {
        return """
                (module
                  (import "decaton" "poll_task" (func $poll (param i64 i32) (result i32)))
                  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
                  (memory (export "memory") 1)
                  (global $ready (mut i32) (i32.const 0))
                  (func (export "_start") (global.set $ready (i32.add (global.get $ready) (i32.const 1))) %s)
                  (func (export "run")
                    (if (i32.ne (global.get $ready) (i32.const 1)) (then unreachable))
                    (drop (call $poll (i64.const 0) (i32.const 1000))))
                  %s)""".formatted(ends, more);
    }
}
