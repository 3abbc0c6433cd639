package io.github.wasmton.guest;

import static io.github.wasmton.testing.TestGuests.guest;
import static io.github.wasmton.testing.TestGuests.task;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;

import ch.qos.logback.classic.Level;
import io.github.wasmton.testing.Await;
import io.github.wasmton.testing.GuestLogCapture;
import io.github.wasmton.testing.Opened;
import io.github.wasmton.wasmtime.WasmtimeException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests the functions of protocol 1 with guests that keep to it, and with guests that do not. */
class Protocol1Test {
    private static final String IMPORTS = """
            (import "wasmton_v1" "next" (func $next (param i32 i32) (result i32)))
            (import "wasmton_v1" "finish" (func $finish (param i32 i32 i32)))
            (import "wasmton_v1" "produce" (func $produce (param i32 i32) (result i32)))
            (import "wasmton_v1" "log" (func $log (param i32 i32 i32)))
            (import "wasmton_v1" "log_enabled" (func $log_enabled (param i32) (result i32)))
            (import "wasmton_v1" "setting" (func $setting (param i32 i32 i32 i32) (result i32)))
            (import "wasmton_v1" "setting_name" (func $setting_name (param i32 i32 i32) (result i32)))
            (memory (export "memory") 1)
            """;
    private static final String TAKE = "(drop (call $next (i32.const 1024) (i32.const 8192)))";

    private final GuestLogCapture log = new GuestLogCapture(Level.INFO);
    private final Opened opened = new Opened();
    @TempDir
    private Path folder;

    @AfterEach
    void close() throws Exception {
        opened.close();
        log.close();
    }

    private GuestModule module(String text) throws Exception {
        Path file = Files.writeString(folder.resolve("guest-" + opened.size() + ".wat"), "(module " + text + ")");
        GuestModule module = GuestModule.load(file, GuestOptions.DEFAULT.withOutputs(OutputAccess.to("a")));
        return opened.add(module);
    }

    /** Makes a guest whose {@code run} has that body. */
    private Guest running(String body) throws Exception {
        return started(IMPORTS + "(func (export \"run\") " + body + ")");
    }

    private Guest started(String text) throws Exception {
        Guest guest = module(text).instantiate();
        return opened.add(guest);
    }

    private static Outcome.Failed failed(Guest guest) {
        return (Outcome.Failed) guest.process(task("abc"));
    }

    private void assertInvalid(String expected, String text) {
        String message = assertThrows(InvalidGuestException.class, () -> module(text)).getMessage();
        assertTrue(message.contains(expected), message);
    }

    @Test
    void importsTellTheProtocol() throws Exception {
        String run = "(memory (export \"memory\") 1) (func (export \"run\"))";
        assertEquals(Protocol.ONE, module(IMPORTS + "(func (export \"run\"))").protocol());
        assertEquals(Protocol.ONE,
                module("(import \"wasmton_v1\" \"next\" (func (param i32 i32) (result i32))) " + run).protocol());
        String poll = "(import \"decaton\" \"poll_task\" (func (param i64 i32) (result i32))) ";
        assertInvalid("it imports functions from both 'decaton' (protocol 0) and 'wasmton_v1' (protocol 1)",
                poll + IMPORTS + "(func (export \"run\"))");
        for (GuestOptions options : List.of(GuestOptions.DEFAULT)) {
            try (GuestModule zero = GuestModule.load(guest("polling"), options)) {
                assertEquals(Protocol.ZERO, zero.protocol());
            }
            try (GuestModule world = GuestModule.load(guest("probe"), options)) {
                assertEquals(Protocol.WORLD, world.protocol());
            }
        }
    }

    @Test
    void rejectsAModuleThatDoesNotKeepToTheProtocol() {
        assertInvalid("its export 'run' returns an i32, as in protocol 0. In protocol 1 'run' returns nothing;",
                IMPORTS + "(func (export \"run\") (result i32) (i32.const 0))");
        assertInvalid("it imports 'push' from 'wasmton_v1', which this version of Wasmton does not provide",
                "(import \"wasmton_v1\" \"push\" (func)) (memory (export \"memory\") 1) (func (export \"run\"))");
        assertInvalid("sdk/c/wasmton.h declares the functions of 'wasmton_v1'",
                "(import \"wasmton_v1\" \"next\" (func (param i64 i32) (result i32))) (memory (export \"memory\") 1)"
                        + "(func (export \"run\"))");
    }

    @Test
    void protocol0CannotProduce() {
        GuestOptions options = GuestOptions.DEFAULT.withOutputs(OutputAccess.to("b", "a"));
        for (String name : List.of("polling", "redis-set")) {
            String message = assertThrows(InvalidGuestException.class, () -> GuestModule.load(guest(name), options))
                    .getMessage();
            assertTrue(message.contains("it is of protocol 0, which cannot produce records, but OutputAccess.topics "
                    + "grants a, b. Leave the grant out, or "), message);
        }
    }

    @Test
    void pointersThatLeadOutOfTheMemoryAreTraps() throws Exception {
        String[][] calls = {
            {"next's buffer of 2 bytes at 65535", "(drop (call $next (i32.const 65535) (i32.const 2)))"},
            {"next's buffer of 4294967295 bytes at 1", "(drop (call $next (i32.const 1) (i32.const -1)))"},
            {"finish's reason of 1 bytes at 65536",
                TAKE + "(call $finish (i32.const 1) (i32.const 65536) (i32.const 1))"},
            {"produce's record of 10 bytes at 4294967295",
                TAKE + "(drop (call $produce (i32.const -1) (i32.const 10)))"},
            {"log's text of 2 bytes at 65535", TAKE + "(call $log (i32.const 2) (i32.const 65535) (i32.const 2))"},
            {"setting's name of 65537 bytes at 0", TAKE + "(drop (call $setting (i32.const 0) (i32.const 65537)"
                    + " (i32.const 0) (i32.const 0)))"},
            {"setting's buffer of 5 bytes at 65532", TAKE + "(drop (call $setting (i32.const 0) (i32.const 1)"
                    + " (i32.const 65532) (i32.const 5)))"},
            {"setting_name's buffer of 1 bytes at 65536", TAKE + "(drop (call $setting_name (i32.const 0)"
                    + " (i32.const 65536) (i32.const 1)))"},
        };
        for (String[] call : calls) {
            Outcome.Failed failure = failed(running(call[1]));
            assertEquals(Outcome.Kind.TRAP, failure.kind(), failure.toString());
            assertTrue(failure.reason().contains(call[0] + " leads out of the memory, which has 65536"),
                    failure.reason());
        }
        assertSame(Outcome.DONE, running("(drop (call $next (i32.const -1) (i32.const 0)))"
                + "(drop (call $next (i32.const 57344) (i32.const 8192)))").process(task("abc")), "up to the end");
    }

    /** The host remembers where the memory is, and how much of it there was. */
    @Test
    void takesTasksIntoMemoryThatHasGrown() throws Exception {
        String grow = TAKE + "(drop (memory.grow (i32.const 1)))";
        String take = "(if (i32.eqz (call $next (i32.const 65000) (i32.const 66072))) (then unreachable))"
                + "(if (i32.ne (i32.load8_u (i32.const 65040)) (i32.const 116)) (then unreachable))";
        Task task = task("abc");
        // A series ends early if its thread has to wait for a processor; then it is tried again.
        Await.until("two tasks in one series", () -> running(grow + take).process(List.of(task, task))
                .equals(new Guest.Series(1, Outcome.DONE)));
        String beyond = "(drop (call $next (i32.const 65000) (i32.const 66073)))";
        Await.until("a trap behind the first task", () -> {
            Guest.Series end = running(grow + beyond).process(List.of(task, task));
            return end.outcome() instanceof Outcome.Failed failure && failure.reason().contains(
                    "next's buffer of 66073 bytes at 65000 leads out of the memory, which has 131072");
        });
    }

    @Test
    void doesNotLookAtTheBufferWhenThereIsNoTask() throws Exception {
        Guest guest = running(TAKE + """
                (if (i32.ne (call $next (i32.const -1) (i32.const 9)) (i32.const -1)) (then unreachable))""");
        assertSame(Outcome.DONE, guest.process(task("abc")));
    }

    @Test
    void misuseIsATrapThatSaysWhatIsWrong() throws Exception {
        String[][] calls = {
            {"finish was called while there was no task to finish",
                "(call $finish (i32.const 1) (i32.const 0) (i32.const 0))"},
            {"produce was called while there was no task to produce for",
                "(drop (call $produce (i32.const 0) (i32.const 40)))"},
            {"produce was called while there was no task to produce for",
                TAKE + TAKE + "(drop (call $produce (i32.const 0) (i32.const 40)))"},
            {"finish got the verdict 5; it takes 0 (done), 1 (retry), 2 (dead letter), 3 (skip) or 4 (stop)",
                TAKE + "(call $finish (i32.const 5) (i32.const 0) (i32.const 0))"},
            {"produce got 39 bytes that are no packed record",
                TAKE + "(drop (call $produce (i32.const 1024) (i32.const 39)))"},
            {"the log has no level 5", TAKE + "(call $log (i32.const 5) (i32.const 0) (i32.const 0))"},
            {"the log has no level 4294967295", TAKE + "(drop (call $log_enabled (i32.const -1)))"},
        };
        for (String[] call : calls) {
            Outcome.Failed failure = failed(running(call[1]));
            assertEquals(Outcome.Kind.TRAP, failure.kind(), failure.toString());
            assertTrue(failure.reason().startsWith(call[0]), failure.reason());
        }
    }

    @Test
    void noTaskIsThereWhileTheGuestStarts() throws Exception {
        String run = "(func (export \"run\"))";
        GuestModule early = module(IMPORTS + run
                + "(func (export \"_initialize\") (call $finish (i32.const 1) (i32.const 0) (i32.const 0)))");
        String message = assertThrows(WasmtimeException.class, early::instantiate).getMessage();
        assertTrue(message.contains("finish was called while there was no task to finish"), message);
        started(IMPORTS + run + "(func $start (call $log (i32.const 2) (i32.const 0) (i32.const 2))"
                + "(if (i32.ne (call $next (i32.const 0) (i32.const 100)) (i32.const -1)) (then (unreachable)))"
                + ") (start $start) (data (i32.const 0) \"hi\")");
        assertEquals(List.of("hi"), log.take());
    }

    @Test
    void taskStaysWhileTheBufferIsTooSmall() throws Exception {
        int size = 40 + "topic".length() + 3;
        Guest small = running("(drop (call $next (i32.const 0) (i32.const 7)))"
                + "(drop (call $next (i32.const 0) (i32.const 5)))");
        assertEquals(new Outcome.Failed(Outcome.Kind.NOT_TAKEN, "run returned without taking the task: its buffer of 7 "
                + "bytes cannot hold " + size, ""), failed(small));
        assertEquals(new Outcome.Failed(Outcome.Kind.NOT_TAKEN, "run returned without taking the task by next", ""),
                failed(running("")));
        Guest growing = running("(if (i32.ne (call $next (i32.const 0) (i32.const " + (size - 1) + ")) (i32.const "
                + size + ")) (then (unreachable)))"
                + "(if (i32.ne (call $next (i32.const 0) (i32.const " + size + ")) (i32.const " + size
                + ")) (then (unreachable)))"
                + "(if (i32.ne (call $next (i32.const 0) (i32.const 0)) (i32.const -1)) (then (unreachable)))");
        assertSame(Outcome.DONE, growing.process(task("abc")));
    }

    @Test
    void lastVerdictOfATaskCounts() throws Exception {
        String retry = "(call $finish (i32.const 1) (i32.const 0) (i32.const 0))";
        assertEquals(new Outcome.Failed(Outcome.Kind.RETRY, "the guest gave no reason", ""),
                failed(running(TAKE + retry)));
        assertEquals(new Outcome.Failed(Outcome.Kind.RETRY, "the guest gave no reason", ""),
                failed(running(TAKE + retry + TAKE)), "the second call found no task");
        assertSame(Outcome.DONE, running(TAKE + retry + "(call $finish (i32.const 0) (i32.const 0) (i32.const 0))")
                .process(task("abc")));
    }

    /** A guest that counts the calls of run, and refuses a task whose topic begins with r by that count. */
    private Guest counting(String loop) throws Exception {
        return started(IMPORTS + """
                (global $runs (mut i32) (i32.const 0))
                (func (export "run")
                  (global.set $runs (i32.add (global.get $runs) (i32.const 1)))
                  (loop $again
                    (if (i32.ge_s (call $next (i32.const 1024) (i32.const 8192)) (i32.const 0))
                      (then
                        (if (i32.eq (i32.load8_u (i32.const 1064)) (i32.const 114))
                          (then
                            (i32.store8 (i32.const 0) (i32.add (global.get $runs) (i32.const 48)))
                            (call $finish (i32.const 3) (i32.const 0) (i32.const 1))))
                """ + loop + "))))");
    }

    private static Task of(String topic) {
        return new Task(topic, 0, 0, null);
    }

    @Test
    void seriesIsOneRunOrAsManyAsTheGuestWants() throws Exception {
        Task plain = of("t");
        Task refused = of("r");
        List<Task> series = List.of(plain, plain, plain, refused, plain);
        // A series ends early if its thread has to wait for a processor; then it is tried again.
        Await.until("one run for four tasks", () -> counting("(br $again)").process(series)
                .equals(new Guest.Series(3, new Outcome.Failed(Outcome.Kind.SKIP, "1", ""))));
        Await.until("a run for each of four tasks", () -> counting("").process(series)
                .equals(new Guest.Series(3, new Outcome.Failed(Outcome.Kind.SKIP, "4", ""))));
        Guest oneARun = counting("");
        assertThrows(IllegalArgumentException.class, () -> oneARun.process(List.of()));
    }

    @Test
    void seriesEndsWhereTheBufferIsFull() throws Exception {
        Guest guest = counting("(br $again)");
        byte[] large = new byte[6000];
        List<Task> series = Collections.nCopies(1000, new Task("t", 0, 0, large));
        int processed = 0;
        int calls = 0;
        while (processed < series.size()) {
            Guest.Series end = guest.process(series.subList(processed, series.size()));
            assertSame(Outcome.DONE, end.outcome());
            processed += end.done() + 1;
            calls++;
        }
        assertEquals(series.size(), processed);
        assertTrue(calls >= 6000 * 1000 / (128 * 1024), calls + " calls");
    }

    @Test
    void guestsOfOtherProtocolsTakeASeriesOneByOne() {
        try (GuestModule module = GuestModule.load(guest("probe"), GuestOptions.DEFAULT);
                Guest guest = module.instantiate()) {
            assertEquals(new Guest.Series(1, Outcome.DONE), guest.process(List.of(task("nothing"), task("nothing"))));
            assertEquals(new Guest.Series(1, new Outcome.Failed(Outcome.Kind.RETRY, "later", "")),
                    guest.process(List.of(task("nothing"), task("retry"), task("nothing"))));
        }
    }

    @Test
    void secondThreadFailsAtOnce() throws Exception {
        Path file = Files.writeString(folder.resolve("loop.wat"), "(module " + IMPORTS
                + "(func (export \"run\") " + TAKE + "(loop $l (br $l))))");
        try (GuestModule module = GuestModule.load(file, GuestOptions.DEFAULT.withDeadline(Duration.ofSeconds(5)));
                Guest guest = module.instantiate()) {
            CompletableFuture<Outcome> looping = CompletableFuture.supplyAsync(() -> guest.process(task("abc")));
            List<Throwable> thrown = new ArrayList<>();
            Await.until("the guest to be in use", () -> {
                if (looping.isDone()) {
                    return true;
                }
                try {
                    // Before the other thread has entered, this one is in time, and the other one fails.
                    return guest.process(List.of(task("abc"))).done() < 0;
                } catch (IllegalStateException e) {
                    thrown.add(e);
                    return true;
                }
            });
            if (thrown.isEmpty()) {
                thrown.add(assertThrows(Exception.class, looping::get).getCause());
            }
            assertSame(IllegalStateException.class, thrown.get(0).getClass());
            assertTrue(thrown.get(0).getMessage().contains("in use by another call"), thrown.get(0).getMessage());
        }
    }

    @Test
    void closedGuestRejectsTasks() throws Exception {
        Guest guest = running(TAKE);
        assertSame(Outcome.DONE, guest.process(task("abc")));
        guest.close();
        assertThrows(IllegalStateException.class, () -> guest.process(task("abc")));
        assertThrows(IllegalStateException.class, () -> guest.process(List.of(task("abc"))));
    }

    /** Small ones cross by the memory of the tasks, at first of 4 KiB, and others as an array. */
    @Test
    void recordsOfAnySizeCross() {
        GuestOptions options = GuestOptions.DEFAULT.withOutputs(OutputAccess.to("a"));
        for (int size : new int[] {0, 1, 4_050, 4_051, 4_052, 50_000}) {
            try (GuestModule module = GuestModule.load(guest("probe-rust"), options);
                    Guest guest = module.instantiate()) {
                Task one = task("produce-size a 1 " + size);
                assertEquals(List.of(size), sizes(guest.process(one)));
                assertEquals(List.of(size), sizes(guest.process(List.of(one, one)).outcome()));
                assertEquals(List.of(size, size, size),
                        sizes(guest.process(task("produce-size a 3 " + size))));
                assertSame(Outcome.DONE, guest.process(task("produce-size a 0 1")));
            }
        }
    }

    private static List<Integer> sizes(Outcome outcome) {
        return ((Outcome.Done) outcome).outputs().stream().map(output -> output.value().length).toList();
    }
}
