package io.github.wasmton.guest;

import static io.github.wasmton.testing.TestGuests.guest;
import static io.github.wasmton.testing.TestGuests.task;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

import ch.qos.logback.classic.Level;
import io.github.wasmton.testing.GuestLogCapture;
import io.github.wasmton.testing.Opened;
import io.github.wasmton.wasmtime.wasi.PreopenDir;
import io.github.wasmton.wasmtime.wasi.WasiConfig;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests batches with a core module and a component that obey their tasks, and with guests that break the protocol. */
class BatchTest {
    private static final String CORE = "probe-batch";
    private static final String COMPONENT = "probe-batch-component";
    private static final String IMPORTS = """
            (import "wasmton_v1" "next_batch" (func $next (param i32 i32) (result i32)))
            (import "wasmton_v1" "select" (func $select (param i32)))
            (import "wasmton_v1" "finish" (func $finish (param i32 i32 i32)))
            (import "wasmton_v1" "produce" (func $produce (param i32 i32) (result i32)))
            (memory (export "memory") 4)
            """;
    private static final String TAKE = "(drop (call $next (i32.const 0) (i32.const 200000)))";

    private final Opened opened = new Opened();
    @TempDir
    private Path folder;

    @AfterEach
    void close() throws Exception {
        opened.close();
    }

    private GuestModule load(Path file, GuestOptions options) {
        GuestModule module = GuestModule.load(file, options);
        return opened.add(module);
    }

    private Guest probe(String name, GuestOptions options) {
        GuestModule module = load(guest(name), options);
        assertTrue(module.takesBatches());
        Guest guest = module.instantiate();
        return opened.add(guest);
    }

    private Guest probe(String name) {
        return probe(name, GuestOptions.DEFAULT.withOutputs(OutputAccess.to("a")));
    }

    private GuestModule text(String body) throws Exception {
        Path file = folder.resolve(opened.size() + ".wat");
        return load(Files.writeString(file, "(module " + IMPORTS + "(func (export \"run\") " + body + "))"),
                GuestOptions.DEFAULT);
    }

    private Guest.Batch run(String body, String... values) throws Exception {
        Guest guest = text(body).instantiate();
        opened.add(guest);
        return guest.processBatch(tasks(values));
    }

    private static List<Task> tasks(String... values) {
        return IntStream.range(0, values.length)
                .mapToObj(i -> new Task("topic", 0, i, values[i].getBytes(UTF_8))).toList();
    }

    private static Outcome.Failed failed(Outcome.Kind kind, String reason) {
        return new Outcome.Failed(kind, reason, "");
    }

    @ParameterizedTest
    @ValueSource(strings = {CORE, COMPONENT})
    void eachTaskHasItsVerdict(String name) {
        Guest guest = probe(name);
        Guest.Batch end = guest.processBatch(
                tasks("nothing", "retry later", "produce a text", "skip old", "dead-letter bad", "nothing", "fatal"));
        assertNull(end.failure());
        assertEquals(7, end.size());
        List<Outcome> outcomes = end.outcomes();
        assertEquals(Outcome.DONE, outcomes.get(0));
        assertEquals(failed(Outcome.Kind.RETRY, "later"), outcomes.get(1));
        Output output = ((Outcome.Done) outcomes.get(2)).outputs().get(0);
        assertEquals("a text", output.topic() + ' ' + new String(output.value(), UTF_8));
        assertEquals(failed(Outcome.Kind.SKIP, "old"), outcomes.get(3));
        assertEquals(failed(Outcome.Kind.DEAD_LETTER, "bad"), outcomes.get(4));
        assertEquals(Outcome.DONE, outcomes.get(5));
        assertEquals(failed(Outcome.Kind.FATAL, "the guest gave no reason"), outcomes.get(6));

        assertEquals(List.of(Outcome.DONE, Outcome.DONE), guest.processBatch(tasks("nothing", "nothing")).outcomes());
        assertEquals(Collections.nCopies(2, failed(Outcome.Kind.RETRY, "all later")),
                guest.processBatch(tasks("all later", "nothing")).outcomes());
        assertEquals(Outcome.DONE, guest.process(task("nothing")), "a batch of one");
        assertEquals(failed(Outcome.Kind.SKIP, "this"), guest.process(task("skip this")));
    }

    @ParameterizedTest
    @ValueSource(strings = {CORE, COMPONENT})
    void failureOfTheGuestFailsTheBatch(String name) {
        Guest guest = probe(name, GuestOptions.DEFAULT.withDeadline(Duration.ofMillis(300)));
        for (String[] failing : new String[][] {{"panic", "TRAP"}, {"exit", "EXIT"}, {"sleep 60000", "DEADLINE"}}) {
            Guest.Batch end = guest.processBatch(tasks("nothing", failing[0], "retry"));
            assertEquals(failing[1], end.failure().kind().name(), end.failure().reason());
            assertEquals(3, end.size());
            assertEquals(List.of(), end.outcomes());
            assertEquals(List.of(Outcome.DONE), guest.processBatch(tasks("nothing")).outcomes(), "a fresh instance");
        }
        Outcome.Failed one = (Outcome.Failed) guest.process(task("panic"));
        assertEquals(Outcome.Kind.TRAP, one.kind());
        assertTrue(one.reason().contains("as it was told"), one.reason());
    }

    @ParameterizedTest
    @ValueSource(strings = {CORE, COMPONENT, "probe-batch-go"})
    void anyOtherNumberOfResultsFailsTheBatch(String name) {
        Guest guest = probe(name);
        Guest.Batch end = guest.processBatch(tasks("nothing", "short", "nothing"));
        assertEquals(Outcome.Kind.TRAP, end.failure().kind());
        assertTrue(end.failure().reason().contains("returned 2 results for 3 tasks"), end.failure().reason());
        // It comes again alone, and must not count as done then.
        Outcome.Failed alone = (Outcome.Failed) guest.process(task("short"));
        assertEquals(Outcome.Kind.TRAP, alone.kind());
        assertTrue(alone.reason().contains("returned 0 results for 1 tasks"), alone.reason());
    }

    @ParameterizedTest
    @ValueSource(strings = {CORE, COMPONENT})
    void guestThatTakesBatchesHasNoStores(String name) {
        GuestOptions options = GuestOptions.DEFAULT.withState(StateAccess.of("counts"));
        String message = assertThrows(InvalidGuestException.class, () -> GuestModule.load(guest(name), options))
                .getMessage();
        assertTrue(message.contains("it takes batches, and what a batch writes to a store belongs to none of its tasks,"
                + " but StateAccess.stores grants counts. Leave the grant out, or "), message);
    }

    /** Tests the SDKs that share their tests with no other guest. */
    @ParameterizedTest
    @ValueSource(strings = {"probe-batch-c", "probe-batch-go"})
    void otherLanguagesTakeBatches(String name) {
        try (GuestLogCapture log = new GuestLogCapture(Level.INFO)) {
            Guest guest = probe(name);
            List<Outcome> outcomes = guest.processBatch(
                    tasks("log hello", "retry later", "produce a text", "skip old", "dead-letter bad")).outcomes();
            assertEquals(Outcome.DONE, outcomes.get(0));
            assertEquals(failed(Outcome.Kind.RETRY, "later"), outcomes.get(1));
            assertEquals("text", new String(((Outcome.Done) outcomes.get(2)).outputs().get(0).value(), UTF_8));
            assertEquals(failed(Outcome.Kind.SKIP, "old"), outcomes.get(3));
            assertEquals(failed(Outcome.Kind.DEAD_LETTER, "bad"), outcomes.get(4));
            assertEquals(List.of("INFO batch of 5 from topic-0@0: batch: log hello, retry later, produce a text, "
                    + "skip old, dead-letter bad", "INFO topic-0@0: hello"), log.lines());
            assertEquals(Outcome.Kind.TRAP, guest.processBatch(tasks("a", "panic")).failure().kind());
            String large = "x".repeat(400_000);
            assertEquals(Collections.nCopies(2, Outcome.DONE), guest.processBatch(tasks(large, large)).outcomes());
        }
    }

    @Test
    void exampleInPythonTakesBatches() {
        try (GuestLogCapture log = new GuestLogCapture(Level.INFO)) {
            Guest guest = probe("batch-python");
            assertEquals(Collections.nCopies(2, Outcome.DONE), guest.processBatch(tasks("one", "two")).outcomes());
            assertEquals(List.of("one, two"), log.take());
            assertEquals(Collections.nCopies(2, failed(Outcome.Kind.RETRY, "the service is away")),
                    guest.processBatch(tasks("one", "away")).outcomes());
        }
    }

    @Test
    void sampleAppendsABatchByOneWrite() throws Exception {
        GuestOptions options = GuestOptions.DEFAULT.withWasi(new WasiConfig(List.of(), Map.of(),
                List.of(new PreopenDir(folder.toString(), "/"))));
        Guest guest = probe("append", options);
        List<Outcome> outcomes = guest.processBatch(tasks("one", "two\nlines", "three")).outcomes();
        assertEquals(List.of(Outcome.DONE, failed(Outcome.Kind.DEAD_LETTER, "the value has more than one line"),
                Outcome.DONE), outcomes);
        assertEquals(Outcome.DONE, guest.process(task("four")));
        assertEquals(List.of("one", "three", "four"), Files.readAllLines(folder.resolve("lines")));
        // Without the directory no task is written, and all are to be retried.
        Outcome.Failed failure = (Outcome.Failed) probe("append", GuestOptions.DEFAULT).process(task("five"));
        assertEquals(Outcome.Kind.RETRY, failure.kind());
    }

    @Test
    void restOfALargeBatchIsForAnotherCall() {
        for (String name : List.of(CORE, COMPONENT)) {
            Guest guest = probe(name);
            String large = "x".repeat(300_000);
            assertEquals(3, guest.processBatch(tasks(large, large, large, large)).outcomes().size());
            assertEquals(List.of(Outcome.DONE), guest.processBatch(tasks("x".repeat(2_000_000), large)).outcomes(),
                    "one that is larger than a batch may be");
        }
    }

    @Test
    void linesAreAboutTheirTaskOrTheBatch() {
        try (GuestLogCapture log = new GuestLogCapture(Level.INFO)) {
            probe(CORE).processBatch(tasks("log one", "nothing", "log two"));
            probe(COMPONENT).processBatch(tasks("log one", "nothing"));
            probe(CORE).process(task("log alone"));
            assertEquals(List.of("INFO batch of 3 from topic-0@0: batch: log one, nothing, log two",
                    "INFO topic-0@0: one", "INFO topic-0@2: two",
                    "INFO batch of 2 from topic-0@0: batch: log one, nothing", "INFO batch of 2 from topic-0@0: one",
                    "INFO topic-0@7: batch: log alone", "INFO topic-0@7: alone"), log.lines());
        }
    }

    /** Checks that records which may not be sent are the verdict on their task, as nothing else tells the guest. */
    @Test
    void recordsThatAreNotAcceptedFailTheirTask() {
        Guest guest = probe(COMPONENT, GuestOptions.DEFAULT.withOutputs(
                new OutputAccess(Set.of("a"), 10, 1_000)));
        List<Outcome> outcomes = guest.processBatch(
                tasks("produce b text", "produce a 12345678901", "flood 100", "produce a text")).outcomes();
        String refusal = "a record for the topic '%s' was not accepted: %s";
        assertEquals(failed(Outcome.Kind.FATAL, refusal.formatted("b", "the topic was not granted")), outcomes.get(0));
        assertEquals(failed(Outcome.Kind.DEAD_LETTER, refusal.formatted("a", "it has more than 10 bytes")),
                outcomes.get(1));
        assertEquals(failed(Outcome.Kind.DEAD_LETTER, refusal.formatted("a", "the task has as many as it may have")),
                outcomes.get(2));
        assertEquals(1, ((Outcome.Done) outcomes.get(3)).outputs().size());

        assertEquals(List.of(failed(Outcome.Kind.SKIP, "undone"), Outcome.DONE),
                probe(CORE).processBatch(tasks("undo a", "nothing")).outcomes(), "records of a refused task are gone");
    }

    @Test
    void bufferThatIsTooSmallGetsTheSizeAndKeepsTheTasks() throws Exception {
        // Asks with no buffer, then with one of the size that it heard.
        Guest.Batch grown = run("(drop (call $next (i32.const 0) (call $next (i32.const 0) (i32.const 0))))"
                + "(call $select (i32.const 1)) (call $finish (i32.const 3) (i32.const 0) (i32.const 0))", "a", "b");
        assertEquals(Outcome.DONE, grown.outcomes().get(0));
        assertEquals(Outcome.Kind.SKIP, ((Outcome.Failed) grown.outcomes().get(1)).kind());

        Guest.Batch small = run("(drop (call $next (i32.const 0) (i32.const 99)))", "a", "b");
        assertEquals(failed(Outcome.Kind.NOT_TAKEN, "run returned without taking the batch: its buffer of 99 bytes "
                + "cannot hold 100"), small.failure());
        assertEquals(failed(Outcome.Kind.NOT_TAKEN, "run returned without taking the batch by next_batch"),
                run("", "a").failure());
    }

    @Test
    void misuseOfTheProtocolIsATrap() throws Exception {
        String finish = "(call $finish (i32.const 0) (i32.const 0) (i32.const 0))";
        String[][] misuses = {
            {"select got 0, and the guest has 0 tasks of a batch", "(call $select (i32.const 0))" + TAKE},
            {"select got 2, and the guest has 2 tasks of a batch", TAKE + "(call $select (i32.const 2))"},
            {"select got 4294967295, and", TAKE + "(call $select (i32.const -1))"},
            {"select got 0, and", TAKE + TAKE + "(call $select (i32.const 0))"},
            {"finish was called while there was no task", TAKE + finish},
            {"finish was called while there was no task",
                TAKE + "(call $select (i32.const 0))" + TAKE + finish},
            {"produce was called while there was no task",
                TAKE + "(drop (call $produce (i32.const 0) (i32.const 0)))"},
            {"next_batch's buffer of 2 bytes at 262143 leads out of the memory",
                "(drop (call $next (i32.const 262143) (i32.const 2)))"},
        };
        for (String[] misuse : misuses) {
            Outcome.Failed failure = run(misuse[1], "a", "b").failure();
            assertEquals(Outcome.Kind.TRAP, failure.kind(), misuse[0]);
            assertTrue(failure.reason().contains(misuse[0]), failure.reason());
        }
    }

    @Test
    void laterVerdictReplacesAnEarlierOneOfTheSameTask() throws Exception {
        String select = "(call $select (i32.const %d)) ";
        String verdict = "(call $finish (i32.const %d) (i32.const 0) (i32.const 0)) ";
        Guest.Batch end = run(TAKE + select.formatted(0) + verdict.formatted(1) + select.formatted(1)
                + verdict.formatted(2) + select.formatted(0) + verdict.formatted(3) + select.formatted(1)
                + verdict.formatted(0), "a", "b");
        assertEquals(Outcome.Kind.SKIP, ((Outcome.Failed) end.outcomes().get(0)).kind());
        assertEquals(Outcome.DONE, end.outcomes().get(1));
    }

    @Test
    void guestTakesBatchesOrSingleTasks() throws Exception {
        Path both = Files.writeString(folder.resolve("both.wat"), "(module (import \"wasmton_v1\" \"next\" (func "
                + "(param i32 i32) (result i32)))" + IMPORTS + "(func (export \"run\")))");
        String message = assertThrows(InvalidGuestException.class,
                () -> GuestModule.load(both, GuestOptions.DEFAULT)).getMessage();
        assertTrue(message.contains("it imports both 'next_batch' and 'next' from 'wasmton_v1'. A processor takes "
                + "batches or single tasks"), message);
        for (String name : List.of("probe-c", "probe")) {
            GuestModule single = load(guest(name), GuestOptions.DEFAULT);
            assertFalse(single.takesBatches());
            Guest guest = single.instantiate();
            opened.add(guest);
            assertTrue(assertThrows(IllegalArgumentException.class, () -> guest.processBatch(tasks("a"))).getMessage()
                    .startsWith("the guest takes one task at a time"));
        }
        assertThrows(IllegalArgumentException.class, () -> probe(CORE).processBatch(List.of()));
    }
}
