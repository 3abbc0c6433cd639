package io.github.wasmton.guest;

import static io.github.wasmton.testing.TestGuests.guest;
import static io.github.wasmton.testing.TestGuests.task;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import ch.qos.logback.classic.Level;
import io.github.wasmton.testing.GuestLogCapture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests stores with guests of protocol 1 and with components, and with guests that misuse them. */
class StateTest {
    private static final StateAccess ACCESS = StateAccess.of("counts", "seen").withTables(List.of("users"));
    private static final GuestOptions OPTIONS = GuestOptions.DEFAULT.withState(ACCESS);

    /** Guests that obey the words of {@code count-component}. */
    @Retention(RetentionPolicy.RUNTIME)
    @Target(ElementType.METHOD)
    @ParameterizedTest
    @ValueSource(strings = {"count-component", "state-assemblyscript", "state-c", "state-cpp", "state-go",
        "state-python", "state-rust", "state-zig"})
    private @interface InEachLanguage {}

    private final GuestLogCapture log = new GuestLogCapture(Level.INFO);
    private final Stores stores = new Stores();
    private final List<AutoCloseable> opened = new ArrayList<>();
    @TempDir
    private Path folder;

    @AfterEach
    void close() throws Exception {
        for (int i = opened.size() - 1; i >= 0; i--) {
            opened.get(i).close();
        }
        log.close();
    }

    /** Stores in memory that note each call. */
    private static class Stores implements StateStores {
        final List<TreeMap<byte[], byte[]>> all = new ArrayList<>();
        final List<String> calls = new ArrayList<>();

        Stores() {
            for (int i = 0; i < 3; i++) {
                all.add(new TreeMap<>(Arrays::compareUnsigned));
            }
        }

        @Override
        public byte[] get(int store, byte[] key) {
            calls.add("get");
            return all.get(store).get(key);
        }

        @Override
        public void set(int store, byte[] key, byte[] value) {
            calls.add("set");
            all.get(store).put(key, value);
        }

        @Override
        public void delete(int store, byte[] key) {
            calls.add("delete");
            all.get(store).remove(key);
        }

        @Override
        public List<Entry> scan(int store, byte[] from, byte[] to, int limit) {
            calls.add("scan " + limit);
            TreeMap<byte[], byte[]> entries = all.get(store);
            return (to == null ? entries.tailMap(from) : entries.subMap(from, to)).entrySet().stream().limit(limit)
                    .map(entry -> new Entry(entry.getKey(), entry.getValue())).toList();
        }
    }

    private Guest load(String name, GuestOptions options) {
        GuestModule module = GuestModule.load(guest(name), options);
        opened.add(module);
        Guest instance = module.instantiate();
        opened.add(instance);
        return instance;
    }

    /** Makes a guest of protocol 1 whose {@code run} has that body. */
    private Guest running(String body) throws Exception {
        return running("", body);
    }

    private Guest running(String start, String body) throws Exception {
        Path file = Files.writeString(folder.resolve("guest-" + opened.size() + ".wat"), """
                (module
                (import "wasmton_v1" "next" (func $next (param i32 i32) (result i32)))
                (import "wasmton_v1" "state_open" (func $open (param i32 i32) (result i32)))
                (import "wasmton_v1" "state_get" (func $get (param i32 i32 i32 i32 i32) (result i32)))
                (import "wasmton_v1" "state_set" (func $set (param i32 i32 i32 i32 i32) (result i32)))
                (import "wasmton_v1" "state_delete" (func $delete (param i32 i32 i32) (result i32)))
                (import "wasmton_v1" "state_scan"
                    (func $scan (param i32 i32 i32 i32 i32 i32 i32 i32) (result i32)))
                (memory (export "memory") 1)
                (data (i32.const 0) "counts")
                """ + start + "(func (export \"run\") (drop (call $next (i32.const 1024) (i32.const 8192))) " + body
                + "))");
        GuestModule module = GuestModule.load(file, OPTIONS);
        opened.add(module);
        Guest instance = module.instantiate();
        opened.add(instance);
        return instance;
    }

    private static Task keyed(String key) {
        return new Task("topic", 0, 7, 0, key.getBytes(UTF_8), null, List.of(), 1);
    }

    private List<String> told(Guest guest, String words) {
        assertSame(Outcome.DONE, guest.process(task(words), stores), words);
        return log.take();
    }

    private String refused(Guest guest, String words) {
        Outcome.Failed failed = (Outcome.Failed) guest.process(task(words), stores);
        assertEquals(Outcome.Kind.SKIP, failed.kind(), failed.reason());
        return failed.reason();
    }

    @ParameterizedTest
    @ValueSource(strings = {"count", "count-go", "count-python", "count-component"})
    void countsTheTasksOfEachKey(String name) {
        Guest counter = load(name, OPTIONS.withConfiguration(Map.of("topic", "out"))
                .withOutputs(OutputAccess.to("out")));
        List<String> produced = new ArrayList<>();
        for (String key : List.of("a", "b", "a", "ü", "a")) {
            Outcome.Done done = (Outcome.Done) counter.process(keyed(key), stores);
            done.outputs().forEach(output ->
                    produced.add(new String(output.key(), UTF_8) + '=' + new String(output.value(), UTF_8)));
        }
        assertEquals(List.of("a=1", "b=1", "a=2", "ü=1", "a=3"), produced);
        assertEquals(3, stores.all.get(0).size());
        assertEquals("3", new String(stores.all.get(0).get("a".getBytes(UTF_8)), UTF_8));
    }

    @ParameterizedTest
    @ValueSource(strings = {"count", "count-go", "count-python"})
    void stopsWithoutItsStore(String name) {
        Guest counter = load(name, GuestOptions.DEFAULT);
        Outcome.Failed failed = (Outcome.Failed) counter.process(keyed("a"), stores);
        assertEquals(Outcome.Kind.FATAL, failed.kind(), failed.reason());
        assertEquals(List.of("there is no store 'counts'; \"counts\" in StateAccess.stores would grant one"),
                log.take());
    }

    @InEachLanguage
    void valuesAreSetReadAndRemoved(String name) {
        Guest guest = load(name, OPTIONS);
        assertEquals(List.of("none"), told(guest, "get counts a"));
        assertEquals(List.of(), told(guest, "set counts a one"));
        assertEquals(List.of("one"), told(guest, "get counts a"));
        assertEquals(List.of("none"), told(guest, "get seen a"));
        String large = "x".repeat(5000);
        assertEquals(List.of(), told(guest, "set counts large " + large));
        assertEquals(List.of(large), told(guest, "get counts large"));
        assertEquals(List.of(), told(guest, "delete counts a"));
        assertEquals(List.of("none"), told(guest, "get counts a"));
        assertEquals(List.of(), told(guest, "delete counts a"));
        assertEquals(List.of(), told(guest, "set counts empty "));
        assertEquals(List.of(""), told(guest, "get counts empty"));
    }

    /** Small ones cross by shared memory, at first of 4 KiB, and others as arrays. */
    @ParameterizedTest
    @ValueSource(strings = {"count-component", "state-rust"})
    void valuesOfAnySizeCross(String name) {
        for (int size : new int[] {0, 1, 4000, 4095, 4096, 4097, 6_000}) {
            Guest guest = load(name, OPTIONS);
            String value = "v".repeat(size);
            stores.all.get(0).put("k".getBytes(UTF_8), value.getBytes(UTF_8));
            assertEquals(List.of(value), told(guest, "get counts k"), () -> size + " bytes");
            assertEquals(List.of(), told(guest, "set-size counts k " + size));
            assertEquals(size, stores.all.get(0).get("k".getBytes(UTF_8)).length);
        }
    }

    @InEachLanguage
    void scansARangeInTheOrderOfBytes(String name) {
        Guest guest = load(name, OPTIONS);
        for (String key : List.of("b", "a", "ü", "c")) {
            told(guest, "set counts " + key + ' ' + key + key);
        }
        assertEquals(List.of("a=aa b=bb c=cc ü=üü"), told(guest, "scan counts a - 10"));
        assertEquals(List.of("b=bb c=cc ü=üü"), told(guest, "scan counts b - 10"));
        assertEquals(List.of("a=aa b=bb"), told(guest, "scan counts a c 10"));
        assertEquals(List.of("a=aa"), told(guest, "scan counts a - 1"));
        assertEquals(List.of(""), told(guest, "scan counts a - 0"));
        assertEquals(List.of(""), told(guest, "scan seen a - 10"));
        told(guest, "set counts bb more");
        assertEquals(List.of("b=bb bb=more"), told(guest, "prefix counts b 10"));
        assertEquals(List.of("b=bb"), told(guest, "prefix counts b 1"));
    }

    @InEachLanguage
    void refusalsSayWhy(String name) {
        Guest guest = load(name, GuestOptions.DEFAULT.withState(ACCESS.withTaskBytes(2_000_000)));
        stores.all.get(2).put("u".getBytes(UTF_8), "user".getBytes(UTF_8));
        assertEquals("no-such-store", refused(guest, "get other a"));
        log.take();
        assertEquals(List.of("user"), told(guest, "get users u"));
        assertEquals("read-only", refused(guest, "set users u x"));
        assertEquals("read-only", refused(guest, "delete users u"));
        String tooLarge = refused(guest, "set-size counts a 1000000");
        assertTrue(tooLarge.equals("too-large")
                || tooLarge.equals("limit: a key and value of 1000001 bytes; the most is 1000000"), tooLarge);
        assertEquals(List.of(), told(guest, "set-size counts a 999999"));
        assertEquals(List.of("get", "set"), stores.calls);
    }

    @ParameterizedTest
    @ValueSource(strings = {"count-component", "state-rust"})
    void aTaskMakesNoMoreCallsThanItMay(String name) {
        Guest guest = load(name, GuestOptions.DEFAULT.withState(ACCESS.withTaskOperations(3)));
        assertEquals(List.of(), told(guest, "get-often counts a 3"));
        String line = "the task has made 3 calls into its stores and may make no more (StateAccess.taskOperations)";
        assertTrue(List.of("limit", "limit: " + line).contains(refused(guest, "get-often counts a 4")));
        assertEquals(List.of(line), log.take());
        assertEquals(List.of(), told(guest, "get-often counts a 3"));
        assertEquals(9, stores.calls.size());
    }

    @ParameterizedTest
    @ValueSource(strings = {"count-component", "state-rust"})
    void aTaskExchangesNoMoreBytesThanItMay(String name) {
        Guest guest = load(name, GuestOptions.DEFAULT.withState(ACCESS.withTaskBytes(100)));
        String line = "the task may exchange 100 bytes of keys and values with its stores and no more "
                + "(StateAccess.taskBytes)";
        assertTrue(List.of("limit", "limit: " + line).contains(refused(guest, "set-size counts a 100")));
        assertEquals(List.of(line), log.take());
        assertEquals(List.of(), told(guest, "set-size counts a 99"));
        assertTrue(List.of("limit", "limit: " + line).contains(refused(guest, "scan counts a - 10")));
        assertEquals(List.of(line), log.take());
    }

    @Test
    void scanAsksForManyEntriesInPieces() {
        Guest guest = load("count-component", OPTIONS);
        for (int i = 0; i < 250; i++) {
            stores.all.get(0).put(String.format("%03d", i).getBytes(UTF_8), new byte[] {'v'});
        }
        List<String> lines = told(guest, "scan counts 000 - 1000");
        assertEquals(250, lines.get(0).split(" ").length);
        assertTrue(lines.get(0).endsWith("249=v"), lines.get(0));
        assertEquals(List.of("scan 100", "scan 100", "scan 100"), stores.calls);
    }

    @ParameterizedTest
    @ValueSource(strings = {"count-component", "count"})
    void exceptionOfTheStoresComesOutAsTheSameObject(String name) {
        Guest guest = load(name, OPTIONS);
        for (Throwable thrown : List.of(new IllegalStateException("on purpose"), new StackOverflowError(),
                new RuntimeException("other"), new AssertionError("error"), new IllegalArgumentException("argument"))) {
            StateStores broken = new Stores() {
                @Override
                public byte[] get(int store, byte[] key) {
                    if (thrown instanceof Error e) {
                        throw e;
                    }
                    throw (RuntimeException) thrown;
                }
            };
            assertSame(thrown, assertThrows(thrown.getClass(), () -> guest.process(keyed("a"), broken)));
            assertSame(Outcome.DONE, guest.process(keyed("a"), stores));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"count-component", "count"})
    void guestIsInUseForItsStores(String name) {
        Guest guest = load(name, OPTIONS);
        List<String> messages = new ArrayList<>();
        StateStores again = new Stores() {
            @Override
            public byte[] get(int store, byte[] key) {
                messages.add(assertThrows(IllegalStateException.class,
                        () -> guest.process(keyed("b"), stores)).getMessage());
                messages.add(assertThrows(IllegalStateException.class, () -> guest.process(keyed("b"))).getMessage());
                return super.get(store, key);
            }
        };
        assertSame(Outcome.DONE, guest.process(keyed("a"), again));
        String busy = "the Guest is in use by another call; one thread at a time may use it";
        assertEquals(List.of(busy, busy), messages);
    }

    @ParameterizedTest
    @ValueSource(strings = {"count-component", "count"})
    void storesMayUseAnotherGuest(String name) {
        Guest guest = load(name, OPTIONS);
        Guest other = load(name, OPTIONS);
        Stores inner = new Stores();
        StateStores outer = new Stores() {
            @Override
            public byte[] get(int store, byte[] key) {
                assertSame(Outcome.DONE, other.process(keyed("b"), inner));
                return super.get(store, key);
            }
        };
        assertSame(Outcome.DONE, guest.process(keyed("a"), outer));
        assertEquals(List.of("get", "set"), inner.calls);
    }

    @ParameterizedTest
    @ValueSource(strings = {"count-component", "count"})
    void taskWithoutStoresIsAnErrorOfTheCaller(String name) {
        Guest guest = load(name, OPTIONS);
        String message = "the guest uses a store, but its task came without any: "
                + "Guest.process(Task, StateStores) brings them";
        assertEquals(message, assertThrows(IllegalStateException.class, () -> guest.process(keyed("a"))).getMessage());
        assertEquals(message, assertThrows(IllegalStateException.class, () -> guest.process(List.of(keyed("a"))))
                .getMessage());
        assertSame(Outcome.DONE, guest.process(keyed("a"), stores));
    }

    @Test
    void deadlineEndsAGuestThatKeepsAsking() throws Exception {
        StateAccess much = ACCESS.withTaskOperations(Integer.MAX_VALUE).withTaskBytes(Long.MAX_VALUE);
        GuestOptions options = GuestOptions.DEFAULT.withState(much).withDeadline(Duration.ofMillis(100));
        StateStores forgetful = new Stores() {
            @Override
            public byte[] get(int store, byte[] key) {
                return null;
            }
        };
        for (String name : List.of("count-component", "state-rust")) {
            Outcome outcome = load(name, options).process(task("get-often counts a 2000000000"), forgetful);
            assertEquals(Outcome.Kind.DEADLINE, ((Outcome.Failed) outcome).kind(), outcome.toString());
        }
    }

    @Test
    void guestTellsWhetherItImportsStores() {
        for (String name : List.of("count", "count-component")) {
            try (GuestModule module = GuestModule.load(guest(name), GuestOptions.DEFAULT)) {
                assertTrue(module.importsState(), name);
            }
        }
        for (String name : List.of("messages", "router", "probe", "polling")) {
            try (GuestModule module = GuestModule.load(guest(name), GuestOptions.DEFAULT)) {
                assertFalse(module.importsState(), name);
            }
        }
    }

    @Test
    void guestOfProtocol0HasNoStores() {
        String message = assertThrows(InvalidGuestException.class,
                () -> GuestModule.load(guest("messages"), OPTIONS)).getMessage();
        assertTrue(message.contains("it is of protocol 0, which cannot use stores, but StateAccess.stores grants "
                + "counts, seen, users."), message);
    }

    @Test
    void poolHasNoStores() {
        try (GuestModule module = GuestModule.load(guest("count-component"), OPTIONS)) {
            assertTrue(assertThrows(IllegalArgumentException.class, () -> new GuestPool(module, 1)).getMessage()
                    .contains("a pool has no stores for its guests"));
        }
    }

    /** A store is used with a task alone, but may be opened at any time. */
    @Test
    void storesAreForTasks() throws Exception {
        String open = "(call $open (i32.const 0) (i32.const 6))";
        Guest early = running("(global $store (mut i32) (i32.const -1)) "
                + "(func (export \"_initialize\") (global.set $store " + open + "))",
                "(drop (call $set (global.get $store) (i32.const 0) (i32.const 1) (i32.const 0) "
                + "(i32.const 2)))");
        assertSame(Outcome.DONE, early.process(task("x"), stores));
        assertEquals(List.of("set"), stores.calls);

        Guest late = running("(drop (call $next (i32.const 0) (i32.const 0))) "
                + "(drop (call $delete (i32.const 0) (i32.const 0) (i32.const 1)))");
        assertTrap("state_delete was called while there was no task", late);

        assertTrap("state_get got the store 3, which state_open did not return", running(
                "(drop (call $get (i32.const 3) (i32.const 0) (i32.const 1) (i32.const 0) (i32.const 0)))"));
        assertTrap("state_scan got the store -1, which state_open did not return", running("(drop (call $scan "
                + "(i32.const -1) (i32.const 0) (i32.const 1) (i32.const 0) (i32.const -1) (i32.const 1) (i32.const 0) "
                + "(i32.const 0)))"));
        assertTrap("state_set's value of 65536 bytes at 1 leads out of the memory, which has 65536", running("(drop "
                + "(call $set (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 1) (i32.const 65536)))"));
        assertTrap("state_scan's end of 4294967294 bytes at 0 leads out of the memory", running("(drop (call $scan "
                + "(i32.const 0) (i32.const 0) (i32.const 1) (i32.const 0) (i32.const -2) (i32.const 1) (i32.const 0) "
                + "(i32.const 0)))"));
        assertEquals(List.of("set"), stores.calls);
    }

    private void assertTrap(String reason, Guest guest) {
        Outcome.Failed failed = (Outcome.Failed) guest.process(task("x"), stores);
        assertEquals(Outcome.Kind.TRAP, failed.kind());
        assertTrue(failed.reason().contains(reason), failed.reason());
    }

    /** A value that does not fit the buffer is not copied, and its size says how large a buffer it needs. */
    @Test
    void valueThatDoesNotFitIsNotCopied() throws Exception {
        stores.all.get(0).put("c".getBytes(UTF_8), "value".getBytes(UTF_8));
        Guest guest = running("""
                (if (i32.ne (call $get (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 512) (i32.const 4))
                    (i32.const 5)) (then unreachable))
                (if (i32.ne (i32.load (i32.const 512)) (i32.const 0)) (then unreachable))
                (if (i32.ne (call $get (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 512) (i32.const 5))
                    (i32.const 5)) (then unreachable))
                (if (i32.ne (i32.load8_u (i32.const 516)) (i32.const 101)) (then unreachable))
                (if (i32.ne (call $get (i32.const 0) (i32.const 1) (i32.const 1) (i32.const 512) (i32.const 5))
                    (i32.const -1)) (then unreachable))
                """);
        assertSame(Outcome.DONE, guest.process(task("x"), stores));
        assertEquals(List.of("get", "get", "get"), stores.calls);
    }
}
