package io.github.wasmton.guest;

import static io.github.wasmton.testing.TestGuests.guest;
import static io.github.wasmton.testing.TestGuests.task;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

import ch.qos.logback.classic.Level;
import io.github.wasmton.testing.GuestLogCapture;
import io.github.wasmton.testing.TestGuests;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests the SDKs of protocol 1: the probes are one guest in several languages, and do the same. */
class ProbesTest {
    private static final GuestOptions OPTIONS = GuestOptions.DEFAULT.withOutputs(OutputAccess.to("a", "b"))
            .withConfiguration(Map.of("colour", "blue", "gr\u00f6\u00dfe", "\u4e2d", "empty", ""));

    @Retention(RetentionPolicy.RUNTIME)
    @Target(ElementType.METHOD)
    @ParameterizedTest
    @ValueSource(strings = {"probe-assemblyscript", "probe-c", "probe-cpp", "probe-go", "probe-rust", "probe-zig"})
    private @interface InEachLanguage {}

    private final GuestLogCapture log = new GuestLogCapture(Level.INFO);
    private GuestModule module;
    private Guest probe;

    private void load(String name, GuestOptions options) {
        module = GuestModule.load(guest(name), options);
        probe = module.instantiate();
    }

    private void load(String name) {
        load(name, OPTIONS);
    }

    @AfterEach
    void stop() {
        if (probe != null) {
            probe.close();
            module.close();
        }
        log.close();
    }

    private Outcome.Failed failed(String task) {
        return (Outcome.Failed) probe.process(task(task));
    }

    private static Outcome.Failed failure(Outcome.Kind kind, String reason) {
        return new Outcome.Failed(kind, reason, "");
    }

    private List<String> told(String task) {
        assertSame(Outcome.DONE, probe.process(task(task)));
        return log.take();
    }

    private List<Output> produced(String task) {
        return ((Outcome.Done) probe.process(task(task))).outputs();
    }

    private static List<String> values(List<Output> outputs) {
        return outputs.stream().map(output -> output.topic() + ' ' + new String(output.value(), UTF_8)).toList();
    }

    /** Processes a series, in as many calls as it takes, and returns the outcomes that are not simply done. */
    private List<String> ends(String... tasks) {
        List<Task> series = Stream.of(tasks).map(TestGuests::task).toList();
        List<String> ends = new ArrayList<>();
        for (int done = 0; done < series.size(); ) {
            Guest.Series end = probe.process(series.subList(done, series.size()));
            done += end.done() + 1;
            if (end.outcome() instanceof Outcome.Failed failure) {
                ends.add(done - 1 + " " + failure.kind() + ' ' + failure.reason());
            } else if (end.outcome() != Outcome.DONE) {
                ends.add(done - 1 + " " + String.join(", ", values(((Outcome.Done) end.outcome()).outputs())));
            }
        }
        return ends;
    }

    @InEachLanguage
    void guestIsOfProtocol1(String name) {
        load(name);
        assertEquals(Protocol.ONE, module.protocol());
        assertEquals("protocol 1", module.protocol().toString());
    }

    @InEachLanguage
    void guestSeesTheWholeRecord(String name) {
        load(name);
        Task task = new Task("b\u00fccher", 3, 4_000_000_000L, 1_700_000_000_123L, new byte[] {1, -1},
                "record".getBytes(UTF_8), List.of(new Task.Header("trace", new byte[] {9}),
                new Task.Header("trace", null), new Task.Header("\u4e2d", new byte[0])), 2);
        assertSame(Outcome.DONE, probe.process(task));
        assertEquals(List.of("b\u00fccher 3 4000000000 1700000000123 2 key=01ff value=7265636f7264 trace=09 trace=- "
                + "\u4e2d="), log.take());
        Task other = new Task("other", 0, 5, -1, null, "record".getBytes(UTF_8),
                List.of(new Task.Header("one", new byte[] {1})), 1);
        assertSame(Outcome.DONE, probe.process(other));
        assertEquals(List.of("other 0 5 -1 1 key=- value=7265636f7264 one=01"), log.take());
    }

    @InEachLanguage
    void nullDiffersFromEmpty(String name) {
        load(name);
        assertSame(Outcome.DONE, probe.process(new Task("t", -1, -1, -1, null, null, List.of(), 1)));
        assertSame(Outcome.DONE, probe.process(new Task("t", 0, 0, -1, new byte[0], new byte[0], List.of(), 1)));
        assertEquals(List.of("t -1 -1 -1 1 key=- value=-", "t 0 0 -1 1 key= value="), log.take());
    }

    @InEachLanguage
    void recordsOfAnySizeArrive(String name) {
        load(name);
        for (int size : new int[] {10, 4_000, 70_000, 3_000_000, 20}) {
            byte[] key = new byte[size];
            key[size - 1] = 77;
            Task task = new Task("t", 0, 0, 0, key, "forward a".getBytes(UTF_8), List.of(), 1);
            Outcome outcome = probe.process(task);
            if (size > OutputAccess.DEFAULT_MAX_RECORD_BYTES) {
                assertEquals(failure(Outcome.Kind.SKIP, "too-large"), outcome);
            } else {
                assertArrayEquals(key, ((Outcome.Done) outcome).outputs().get(0).key());
            }
        }
    }

    @InEachLanguage
    void verdictOfTheGuestIsTheOutcome(String name) {
        load(name);
        assertEquals(failure(Outcome.Kind.RETRY, "later"), failed("retry"));
        assertEquals(failure(Outcome.Kind.DEAD_LETTER, "broken: \u00fc"), failed("dead-letter"));
        assertEquals(failure(Outcome.Kind.SKIP, "not ours"), failed("skip"));
        assertEquals(failure(Outcome.Kind.FATAL, "never"), failed("stop"));
        assertSame(Outcome.DONE, probe.process(task("nothing")));
        assertEquals(failure(Outcome.Kind.SKIP, "no such word: else"), failed("else"));
        assertSame(Outcome.DONE, probe.process(task("nothing")));
    }

    @InEachLanguage
    void instanceStaysUntilATaskTraps(String name) {
        load(name);
        assertEquals(List.of("1"), told("count"));
        failed("retry");
        assertEquals(List.of("3"), told("count"));
        Outcome.Failed trap = failed("trap");
        assertTrue(Set.of(Outcome.Kind.TRAP, Outcome.Kind.EXIT).contains(trap.kind()), trap.toString());
        assertTrue(trap.reason().contains("on purpose"), trap.reason());
        log.take();
        assertEquals(List.of("1"), told("count"));
    }

    @InEachLanguage
    void exitIsAFailure(String name) {
        load(name);
        assertEquals(Outcome.Kind.EXIT, failed("exit 0").kind());
        assertEquals(Outcome.Kind.EXIT, failed("exit 3").kind());
        assertSame(Outcome.DONE, probe.process(task("nothing")));
    }

    @InEachLanguage
    void deadlineEndsALoop(String name) {
        load(name, OPTIONS.withDeadline(Duration.ofMillis(500)));
        assertEquals(Outcome.Kind.DEADLINE, failed("loop").kind());
        List<String> ends = ends("nothing", "loop", "nothing");
        assertEquals(1, ends.size(), ends.toString());
        assertTrue(ends.get(0).startsWith("1 DEADLINE the guest did not return within 500ms"), ends.toString());
        assertSame(Outcome.DONE, probe.process(task("nothing")));
    }

    @InEachLanguage
    void logLinesHaveTheirLevelAndPlace(String name) {
        load(name);
        assertSame(Outcome.DONE, probe.process(task("log")));
        assertEquals(List.of("INFO topic-0@7: info \u00fc", "WARN topic-0@7: warn \u00fc",
                "ERROR topic-0@7: error \u00fc"), log.lines());
        log.take();
        assertSame(Outcome.DONE, probe.process(task("print")));
        assertEquals(List.of("INFO topic-0@7: out", "WARN topic-0@7: err"), log.lines().stream().sorted().toList());
    }

    @InEachLanguage
    void guestGetsItsSettings(String name) {
        load(name);
        assertEquals(List.of("blue"), told("setting colour"));
        assertEquals(List.of("\u4e2d"), told("setting gr\u00f6\u00dfe"));
        assertEquals(List.of(""), told("setting empty"));
        assertEquals(List.of("none"), told("setting size"));
        assertEquals(OPTIONS.configuration().keySet(), Set.of(told("settings").get(0).split(" ")));
    }

    @InEachLanguage
    void guestCountsItsOwn(String name) {
        load(name);
        assertEquals(Map.of(), module.counts());
        assertSame(Outcome.DONE, probe.process(task("count-up orders 2")));
        assertSame(Outcome.DONE, probe.process(task("count-up or-ders.b_1 4000000000")));
        assertSame(Outcome.DONE, probe.process(task("count-up orders 3")));
        assertEquals(Map.of("or-ders.b_1", 4_000_000_000L, "orders", 5L), module.counts());
        assertEquals(List.of(), log.take());
    }

    @InEachLanguage
    void producedRecordsKeepTheirContentAndOrder(String name) {
        load(name);
        assertEquals(List.of("a 1", "a 2", "a 3"), values(produced("produce a 1 2 3")));
        assertEquals(List.of("b 4"), values(produced("produce b 4")), "and once");
        assertSame(Outcome.DONE, probe.process(task("nothing")));

        Output plain = produced("produce a x").get(0);
        assertEquals(new Output("a", null, null, null, plain.value(), List.of()), plain);
        Output whole = produced("produce-whole a 3").get(0);
        assertEquals(3, whole.partition());
        assertEquals(1_700_000_000_123L, whole.timestamp());
        assertArrayEquals("key".getBytes(UTF_8), whole.key());
        assertNull(whole.value());
        assertEquals(List.of("one=31", "one=null", "\u00e9="), whole.headers().stream().map(header -> header.name()
                + '=' + (header.value() == null ? null : HexFormat.of().formatHex(header.value()))).toList());
    }

    @InEachLanguage
    void failedTaskProducesNothing(String name) {
        load(name);
        assertEquals(failure(Outcome.Kind.RETRY, "later"), failed("produce-and-retry a 1"));
        assertSame(Outcome.DONE, probe.process(task("nothing")));
        failed("produce-and-trap a 2");
        assertEquals(List.of("a 3"), values(produced("produce a 3")));
    }

    @InEachLanguage
    void outputsAreGrantedAndLimited(String name) {
        load(name);
        assertEquals(failure(Outcome.Kind.SKIP, "topic-denied"), failed("produce c 1"));
        assertEquals(List.of("a record for the topic 'c' was denied; \"c\" in OutputAccess.topics would allow it"),
                log.take());
        assertEquals(failure(Outcome.Kind.SKIP, "too-large"), failed("produce-size a 1 1000001"));
        assertEquals(failure(Outcome.Kind.SKIP, "queue-full"), failed("produce-size a 17 1000000"));
        assertEquals(16, produced("produce-size a 16 1000000").size());
        assertEquals(failure(Outcome.Kind.SKIP, "queue-full"), failed("produce-size a 10001 1"));
    }

    @InEachLanguage
    void seriesIsProcessedUpToATaskThatIsNotSimplyDone(String name) {
        load(name);
        assertEquals(List.of(), ends("nothing", "nothing", "nothing"));
        assertEquals(List.of("1 RETRY later", "3 SKIP not ours"), ends("nothing", "retry", "nothing", "skip"));
        assertEquals(List.of("1 a 1", "2 b 2"), ends("nothing", "produce a 1", "produce b 2", "nothing"));
        assertEquals(List.of(), ends("nothing", "count", "nothing", "nothing"));
        assertEquals(List.of("13"), log.take(), "each task was begun once");
        List<String> trapped = ends("nothing", "nothing", "trap", "nothing", "retry");
        assertEquals(2, trapped.size(), trapped.toString());
        assertTrue(trapped.get(0).startsWith("2 "), trapped.toString());
        assertEquals("4 RETRY later", trapped.get(1));
        log.take();
        assertEquals(List.of("3"), told("count"), "those behind the trap have a fresh instance");
    }
}
