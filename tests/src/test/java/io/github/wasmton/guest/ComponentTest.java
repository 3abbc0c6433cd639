package io.github.wasmton.guest;

import static io.github.wasmton.testing.TestGuests.guest;
import static io.github.wasmton.testing.TestGuests.task;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

import ch.qos.logback.classic.Level;
import io.github.wasmton.testing.Await;
import io.github.wasmton.testing.GuestLogCapture;
import io.github.wasmton.testing.TestServer;
import io.github.wasmton.testing.Wasm;
import io.github.wasmton.wasmtime.wasi.Input;
import io.github.wasmton.wasmtime.wasi.NetworkAccess;
import io.github.wasmton.wasmtime.wasi.Output;
import io.github.wasmton.wasmtime.wasi.WasiConfig;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Guests that are components: the world {@code decaton:processor}, and how they end. */
class ComponentTest {
    private static final GuestOptions OPTIONS = GuestOptions.DEFAULT.withConfiguration(Map.of("colour", "blue"))
            .withWasi(new WasiConfig(List.of(), Map.of("SHAPE", "round"), List.of()));

    private final GuestLogCapture log = new GuestLogCapture(Level.INFO);
    private GuestModule module;
    private Guest probe;

    @BeforeEach
    void start() {
        module = GuestModule.load(guest("probe"), OPTIONS);
        probe = module.instantiate();
    }

    @AfterEach
    void stop() {
        probe.close();
        module.close();
        log.close();
    }

    private static Outcome.Failed failed(Guest guest, String task) {
        return (Outcome.Failed) guest.process(task(task));
    }

    @Test
    void guestSeesTheWholeRecord() {
        Task task = new Task("orders", 3, 4_000_000_000L, 1_700_000_000_123L, new byte[] {1, 2}, "record".getBytes(),
                List.of(new Task.Header("trace", new byte[] {9}), new Task.Header("trace", null)), 2);
        assertSame(Outcome.DONE, probe.process(task));
        assertEquals(List.of("Task { topic: \"orders\", partition: 3, offset: 4000000000, timestamp: 1700000000123, "
                + "key: Some([1, 2]), value: Some([114, 101, 99, 111, 114, 100]), headers: [Header { name: \"trace\", "
                + "value: Some([9]) }, Header { name: \"trace\", value: None }], attempt: 2 }"), log.take());
    }

    @Test
    void tombstoneHasNoValue() {
        assertSame(Outcome.DONE, probe.process(new Task("orders", 0, 1, null)));
        assertEquals(List.of("Task { topic: \"orders\", partition: 0, offset: 1, timestamp: -1, key: None, "
                + "value: None, headers: [], attempt: 1 }"), log.take());
    }

    @Test
    void verdictOfTheGuestIsTheOutcome() {
        assertEquals(new Outcome.Failed(Outcome.Kind.RETRY, "later", ""), probe.process(task("retry")));
        assertEquals(new Outcome.Failed(Outcome.Kind.DEAD_LETTER, "broken", ""), probe.process(task("dead-letter")));
        assertEquals(new Outcome.Failed(Outcome.Kind.FATAL, "never", ""), probe.process(task("fatal")));
        Outcome.Failed skipped = failed(probe, "no such word");
        assertEquals(Outcome.Kind.SKIP, skipped.kind());
        assertTrue(skipped.reason().startsWith("InvalidInput: "), skipped.reason());
        assertSame(Outcome.DONE, probe.process(task("nothing")));
    }

    @Test
    void instanceStaysUntilATaskTraps() {
        for (int i = 0; i < 3; i++) {
            probe.process(task("count"));
        }
        probe.process(task("retry"));
        probe.process(task("count"));
        assertEquals(List.of("1", "2", "3", "5"), log.take(), "a refusal is no accident");

        Outcome.Failed trap = failed(probe, "panic");
        assertEquals(Outcome.Kind.TRAP, trap.kind());
        assertTrue(trap.backtrace().contains("process"), trap.backtrace());
        assertTrue(trap.reason().endsWith(": on purpose"), trap.reason());
        assertTrue(log.take().contains("on purpose"), "what it wrote to standard error");
        probe.process(task("count"));
        assertEquals(List.of("1"), log.take());
    }

    @Test
    void seriesEndsBehindATaskThatLeavesSomethingToSettle() {
        List<Task> series = List.of(task("nothing"), task("nothing"), task("count"), task("nothing"), task("panic"),
                task("nothing"));
        assertEquals(new Guest.Series(2, Outcome.DONE), probe.process(series));
        assertEquals(List.of("3"), log.take());
        Guest.Series trapped = probe.process(series.subList(3, 6));
        assertEquals(1, trapped.done());
        assertEquals(Outcome.Kind.TRAP, ((Outcome.Failed) trapped.outcome()).kind());
        assertEquals(new Guest.Series(0, Outcome.DONE), probe.process(series.subList(5, 6)));
    }

    @Test
    void logLinesKeepTheirOrderLevelAndPlace() {
        probe.process(task("log"));
        assertEquals(List.of("INFO topic-0@7: Level::Info", "WARN topic-0@7: Level::Warn",
                "ERROR topic-0@7: Level::Error"), log.lines());
        log.take();
        probe.process(task("enabled"));
        assertEquals(List.of("false true"), log.take());
    }

    @Test
    void limitsAFloodOfLines() {
        assertSame(Outcome.DONE, probe.process(task("flood 100000")));
        List<String> lines = log.take();
        assertEquals(1001, lines.size());
        assertEquals("99000 more lines of this task were dropped", lines.get(1000));
    }

    @Test
    void guestGetsItsConfigurationAndEnvironment() {
        probe.process(task("configuration colour"));
        probe.process(task("configuration size"));
        probe.process(task("environment SHAPE"));
        assertEquals(List.of("Some(\"blue\") of [(\"colour\", \"blue\")]", "None of [(\"colour\", \"blue\")]",
                "Some(\"round\")"), log.take());
    }

    @Test
    void outputToAJavaStreamArrivesWhenTheTaskIsOver() {
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        List<Thread> writers = new ArrayList<>();
        OutputStream stream = new OutputStream() {
            @Override
            public void write(int b) {
                writers.add(Thread.currentThread());
                output.write(b);
            }
        };
        WasiConfig wasi = WasiConfig.builder().stderr(Output.stream(stream)).build();
        try (GuestModule loud = GuestModule.load(guest("probe"), OPTIONS.withWasi(wasi));
                Guest guest = loud.instantiate()) {
            guest.process(task("panic"));
            assertTrue(output.toString().contains("on purpose"), output.toString());
            guest.process(task("panic"));
            assertEquals(Set.of(Thread.currentThread()), Set.copyOf(writers));
        }
    }

    @Test
    void throwingJavaStreamIsAFaultOfTheHost() {
        OutputStream broken = new OutputStream() {
            @Override
            public void write(int b) {
                throw new UnsupportedOperationException("broken");
            }
        };
        WasiConfig wasi = WasiConfig.builder().stderr(Output.stream(broken)).build();
        try (GuestModule loud = GuestModule.load(guest("probe"), OPTIONS.withWasi(wasi));
                Guest guest = loud.instantiate()) {
            assertEquals(Outcome.Kind.HOST, failed(guest, "panic").kind());
            assertSame(Outcome.DONE, guest.process(task("nothing")));
        }
    }

    @Test
    void rejectsAJavaStreamAsInput() {
        WasiConfig wasi = WasiConfig.builder().stdin(Input.stream(InputStream.nullInputStream())).build();
        String message = assertThrows(InvalidGuestException.class,
                () -> GuestModule.load(guest("probe"), OPTIONS.withWasi(wasi))).getMessage();
        assertTrue(message.contains("a component cannot read a Java stream"), message);
    }

    @Test
    void exitIsAFailure() {
        assertEquals(Outcome.Kind.EXIT, failed(probe, "exit 0").kind());
        assertEquals(Outcome.Kind.EXIT, failed(probe, "exit 3").kind());
        assertSame(Outcome.DONE, probe.process(task("nothing")));
    }

    @Test
    void endlessRecursionIsATrap() {
        assertEquals(Outcome.Kind.TRAP, failed(probe, "recurse").kind());
        assertSame(Outcome.DONE, probe.process(task("nothing")));
    }

    @Test
    void deadlineEndsLoopsAndSleeps() {
        try (GuestModule hasty = GuestModule.load(guest("probe"), OPTIONS.withDeadline(Duration.ofSeconds(1)));
                Guest guest = hasty.instantiate()) {
            Outcome.Failed loop = failed(guest, "loop");
            assertEquals(Outcome.Kind.DEADLINE, loop.kind());
            assertEquals("the guest did not return within 1s", loop.reason());
            assertTrue(loop.backtrace().contains("probe::run"), loop.backtrace());
            assertEquals(Outcome.Kind.DEADLINE, failed(guest, "sleep 3600000").kind());
            assertEquals(Outcome.Kind.DEADLINE, failed(guest, "spin 3600000").kind());
            assertSame(Outcome.DONE, guest.process(task("sleep 10")));
        }
    }

    @Test
    void smallThreadStackSuffices() throws Exception {
        for (int kib : new int[] {300, 512, 1024}) {
            CompletableFuture<Outcome> outcome = new CompletableFuture<>();
            Thread thread = new Thread(null, () -> outcome.complete(probe.process(task("recurse"))), "small",
                    kib * 1024L);
            thread.start();
            Outcome.Failed failed = (Outcome.Failed) Await.result("the guest", outcome);
            assertEquals(Outcome.Kind.TRAP, failed.kind(), failed.reason());
        }
    }

    @Test
    void secondThreadFailsAtOnceAndCloseReturnsAtOnce() throws Exception {
        try (TestServer server = new TestServer(TestServer::silence)) {
            GuestOptions options = OPTIONS.withNetwork(NetworkAccess.to(server.address()))
                    .withDeadline(Await.LIMIT);
            try (GuestModule patient = GuestModule.load(guest("probe"), options)) {
                Guest guest = patient.instantiate();
                CompletableFuture<Outcome> waiting = CompletableFuture.supplyAsync(
                        () -> guest.process(task("exchange " + server.address() + " hello")));
                Await.until("the guest to wait for its answer", () -> server.accepted() == 1);
                assertThrows(IllegalStateException.class, () -> guest.process(task("nothing")));
                guest.close();
                assertThrows(IllegalStateException.class, () -> guest.process(task("nothing")));
                server.hangUp();
                assertSame(Outcome.DONE, Await.result("the guest", waiting), "an empty answer");
            }
        }
    }

    @Test
    void manyThreadsUseManyGuestsOfOneModule() {
        List<CompletableFuture<Void>> threads = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            threads.add(CompletableFuture.runAsync(() -> {
                try (Guest guest = module.instantiate()) {
                    for (int n = 0; n < 300; n++) {
                        String word = n % 50 == 49 ? "panic" : n % 10 == 9 ? "sleep 1" : "nothing";
                        assertEquals(n % 50 != 49, guest.process(task(word)) == Outcome.DONE);
                    }
                }
            }));
        }
        threads.forEach(CompletableFuture::join);
    }

    @Test
    void rejectsOtherComponentsWithTheReason(@TempDir Path folder) throws Exception {
        String core = "(core module $m (func (export \"run\") (param i32))) (core instance $i (instantiate $m)) ";
        String run = "(func (export \"run\") (param \"n\" u32) (canon lift (core func $i \"run\")))";
        String plain = core.replace(" (param i32)", "") + run.replace(" (param \"n\" u32)", "");
        for (String[] wrong : new String[][] {
            {"(component)", "exports neither decaton:processor/task-handler@0.1.0 nor a function 'run'"},
            {"(component " + core + run + ")", "'run' does not have the signature of a processor"},
            {"(component (import \"wasi:http/types@0.2.0\" (instance (export \"f\" (func)))) " + plain + ")",
                "`wasi:http/types@0.2.0`"},
            {"(component (core module (func (export", "expected"},
        }) {
            Path file = Files.writeString(folder.resolve("wrong.wat"), wrong[0]);
            String message = assertThrows(InvalidGuestException.class, () -> GuestModule.load(file, OPTIONS))
                    .getMessage();
            assertTrue(message.contains(wrong[1]), message);
        }
    }

    /** wasmtime has no trap for it, but it is the guest's fault and not the host's. */
    @Test
    void unknownHandleIsATrapOfTheGuest() {
        String drops = """
                (component
                  (import "wasi:io/poll@0.2.0" (instance $poll (export "pollable" (type (sub resource)))))
                  (alias export $poll "pollable" (type $pollable))
                  (core func $drop (canon resource.drop $pollable))
                  (core module $m
                    (import "host" "drop" (func $drop (param i32)))
                    (func (export "run") (call $drop (i32.const 7))))
                  (core instance $i (instantiate $m (with "host" (instance (export "drop" (func $drop))))))
                  (func (export "run") (canon lift (core func $i "run"))))""";
        try (GuestModule module = Wasm.guest(drops, GuestOptions.DEFAULT); Guest guest = module.instantiate()) {
            Outcome.Failed failed = failed(guest, "");
            assertEquals(Outcome.Kind.TRAP, failed.kind(), failed.reason());
            assertTrue(failed.reason().contains("unknown handle index 7"), failed.reason());
            assertTrue(failed.backtrace().contains("m!"), failed.backtrace());
        }
    }
}
