package io.github.wasmton.guest;

import static io.github.wasmton.testing.TestGuests.guest;
import static io.github.wasmton.testing.TestGuests.task;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import ch.qos.logback.classic.Level;
import io.github.wasmton.testing.Await;
import io.github.wasmton.testing.GuestLogCapture;
import io.github.wasmton.testing.Guests;
import io.github.wasmton.testing.OnThread;
import io.github.wasmton.testing.TestServer;
import io.github.wasmton.wasmtime.wasi.NetworkAccess;
import io.github.wasmton.wasmtime.wasi.Output;
import io.github.wasmton.wasmtime.wasi.WasiConfig;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests many concurrent tasks without a thread per task. */
class GuestPoolTest {
    private static final int MANY = 300;

    private final List<AutoCloseable> toClose = new ArrayList<>();

    @AfterEach
    void closeAll() throws Exception {
        for (int i = toClose.size() - 1; i >= 0; i--) {
            toClose.get(i).close();
        }
    }

    private GuestPool pool(int limit, GuestOptions options) {
        GuestModule module = GuestModule.load(guest("probe"), options);
        toClose.add(module);
        GuestPool pool = new GuestPool(module, limit);
        toClose.add(pool);
        return pool;
    }

    private GuestPool pool(int limit) {
        return pool(limit, GuestOptions.DEFAULT.withDeadline(Await.LIMIT));
    }

    private static GuestOptions reaching(TestServer server) {
        return GuestOptions.DEFAULT.withDeadline(Await.LIMIT).withNetwork(NetworkAccess.to(server.address()));
    }

    private static Outcome outcome(CompletableFuture<Outcome> future) throws Exception {
        return Await.result("a task", future);
    }

    private static Outcome run(GuestPool pool, String task) throws Exception {
        return outcome(pool.process(task(task)));
    }

    @Test
    void manyTasksWaitAtOnceOnFewThreads() throws Exception {
        CountDownLatch counted = new CountDownLatch(1);
        try (TestServer server = new TestServer(connection -> {
            OnThread.await(counted, "the threads to be counted");
            TestServer.echoOnce(connection);
        }); GuestLogCapture log = new GuestLogCapture(Level.INFO)) {
            GuestPool pool = pool(MANY, reaching(server));
            List<CompletableFuture<Outcome>> outcomes = IntStream.range(0, MANY)
                    .mapToObj(i -> pool.process(task("exchange " + server.address() + " " + i))).toList();
            Await.until("all tasks to wait for their answer at once", () -> server.open() == MANY);
            long threads = Thread.getAllStackTraces().keySet().stream()
                    .filter(thread -> thread.getName().startsWith("wasmton")).count();
            assertTrue(threads < 10, threads + " Java threads of ours");
            counted.countDown();
            for (CompletableFuture<Outcome> outcome : outcomes) {
                assertSame(Outcome.DONE, outcome(outcome));
            }
            assertEquals(0, pool.inFlight());
            assertEquals(IntStream.range(0, MANY).mapToObj(Integer::toString).collect(Collectors.toSet()),
                    new TreeSet<>(log.take()), "each its own answer");
        }
    }

    @Test
    void logLinesHaveTheirTask() throws Exception {
        GuestPool pool = pool(MANY);
        try (GuestLogCapture log = new GuestLogCapture(Level.INFO)) {
            List<CompletableFuture<Outcome>> outcomes = IntStream.range(0, MANY).mapToObj(i -> pool.process(
                    new Task("orders", 2, i, ("log-line " + i).getBytes(StandardCharsets.UTF_8)))).toList();
            for (CompletableFuture<Outcome> outcome : outcomes) {
                // The probe does not know that word, and says so.
                Outcome.Failed refused = (Outcome.Failed) outcome(outcome);
                assertEquals(Outcome.Kind.SKIP, refused.kind());
                assertTrue(refused.reason().startsWith("InvalidInput: log-line "), refused.reason());
            }
            assertEquals(List.of(), log.take());
            for (int i = 0; i < MANY; i++) {
                pool.process(new Task("orders", 2, i, "flood 2".getBytes(StandardCharsets.UTF_8)));
            }
            assertTrue(pool.close(Await.LIMIT), "all ended");
            Await.until("two lines of each task", () -> log.lines().size() == 2 * MANY);
            assertEquals(IntStream.range(0, MANY).boxed()
                    .flatMap(i -> List.of("INFO orders-2@" + i + ": 0", "INFO orders-2@" + i + ": 1").stream())
                    .collect(Collectors.toSet()), new TreeSet<>(log.lines()));
        }
    }

    @Test
    void guestSeesTheWholeRecord() throws Exception {
        GuestPool pool = pool(1);
        try (GuestLogCapture log = new GuestLogCapture(Level.INFO)) {
            assertSame(Outcome.DONE, outcome(pool.process(new Task("orders", 3, 4_000_000_000L, 17, new byte[] {1},
                    "record".getBytes(StandardCharsets.UTF_8), List.of(new Task.Header("trace", new byte[] {9}),
                            new Task.Header("trace", null)), 2))));
            assertEquals(List.of("Task { topic: \"orders\", partition: 3, offset: 4000000000, timestamp: 17, key: "
                    + "Some([1]), value: Some([114, 101, 99, 111, 114, 100]), headers: [Header { name: \"trace\", "
                    + "value: Some([9]) }, Header { name: \"trace\", value: None }], attempt: 2 }"), log.take());
        }
    }

    @Test
    void instanceIsReusedUntilATaskFails() throws Exception {
        GuestPool pool = pool(10);
        try (GuestLogCapture log = new GuestLogCapture(Level.INFO)) {
            for (String word : List.of("count", "retry", "count", "panic", "count", "exit 1", "count", "count")) {
                run(pool, word);
            }
            List<String> counts = log.take().stream().filter(line -> line.matches("[0-9]+")).toList();
            assertEquals(List.of("1", "3", "1", "1", "2"), counts);
        }
    }

    @Test
    void everyEndOfATaskIsAnOutcome() throws Exception {
        GuestPool pool = pool(10);
        assertEquals(new Outcome.Failed(Outcome.Kind.RETRY, "later", ""), run(pool, "retry"));
        assertEquals(new Outcome.Failed(Outcome.Kind.FATAL, "never", ""), run(pool, "fatal"));
        Outcome.Failed trap = (Outcome.Failed) run(pool, "panic");
        assertEquals(Outcome.Kind.TRAP, trap.kind());
        assertTrue(trap.backtrace().contains("process"), trap.backtrace());
        assertEquals(Outcome.Kind.TRAP, ((Outcome.Failed) run(pool, "recurse")).kind());
        assertEquals(Outcome.Kind.EXIT, ((Outcome.Failed) run(pool, "exit 0")).kind());
        assertSame(Outcome.DONE, run(pool, "nothing"));
    }

    @Test
    void deadlineEndsOneTaskAmongMany() throws Exception {
        GuestPool pool = pool(2 * MANY, GuestOptions.DEFAULT.withDeadline(Duration.ofSeconds(5)));
        List<CompletableFuture<Outcome>> late = List.of(pool.process(task("sleep 3600000")), pool.process(task("loop")),
                pool.process(task("spin 3600000")));
        for (int round = 0; round < 5; round++) {
            List<CompletableFuture<Outcome>> others = IntStream.range(0, MANY)
                    .mapToObj(i -> pool.process(task("sleep 1"))).toList();
            for (CompletableFuture<Outcome> other : others) {
                assertSame(Outcome.DONE, outcome(other));
            }
        }
        for (CompletableFuture<Outcome> outcome : late) {
            assertEquals(new Outcome.Failed(Outcome.Kind.DEADLINE, "the guest did not return within 5s", ""),
                    outcome(outcome));
        }
    }

    @Test
    void computingGuestsLeaveOthersTheirShare() throws Exception {
        try (TestServer server = new TestServer(TestServer::echoOnce)) {
            GuestPool pool = pool(100, reaching(server));
            List<CompletableFuture<Outcome>> loops = IntStream.range(0, 8)
                    .mapToObj(i -> pool.process(task("loop"))).toList();
            for (int i = 0; i < 10; i++) {
                assertSame(Outcome.DONE, run(pool, "exchange " + server.address() + " hello"));
            }
            assertFalse(loops.stream().anyMatch(CompletableFuture::isDone), "the loops still run");
            assertFalse(pool.close(Duration.ZERO), "the loops are abandoned");
        }
    }

    @Test
    void fullPoolRejectsTasksUntilOneEnds() throws Exception {
        try (TestServer server = new TestServer(TestServer::echoOnce)) {
            GuestPool pool = pool(2, reaching(server));
            CompletableFuture<Outcome> first = pool.process(task("sleep 3600000"));
            CompletableFuture<Outcome> second = pool.process(task("exchange " + server.address() + " hello"));
            CountDownLatch begun = new CountDownLatch(1);
            // From where a task ended there is room already.
            CompletableFuture<Outcome> third = second.thenCompose(done -> {
                CompletableFuture<Outcome> outcome = pool.process(task("sleep 3600000"));
                begun.countDown();
                return outcome;
            });
            assertSame(Outcome.DONE, outcome(second));
            OnThread.await(begun, "the third task to begin");
            String message = assertThrows(IllegalStateException.class, () -> pool.process(task("nothing")))
                    .getMessage();
            assertEquals("the pool already has its largest number of tasks in flight: 2", message);
            assertFalse(pool.close(Duration.ZERO));
            for (CompletableFuture<Outcome> abandoned : List.of(first, third)) {
                Throwable thrown = assertThrows(Exception.class, () -> outcome(abandoned));
                while (!(thrown instanceof CancellationException)) {
                    thrown = thrown.getCause();
                }
                assertEquals("the pool was closed", thrown.getMessage());
            }
        }
    }

    @Test
    void closeWaitsForTasks() throws Exception {
        CountDownLatch closing = new CountDownLatch(1);
        try (TestServer server = new TestServer(connection -> {
            OnThread.await(closing, "the pool to be closed");
            TestServer.echoOnce(connection);
        })) {
            GuestPool pool = pool(MANY, reaching(server));
            List<CompletableFuture<Outcome>> outcomes = IntStream.range(0, MANY)
                    .mapToObj(i -> pool.process(task("exchange " + server.address() + " hello"))).toList();
            OnThread close = OnThread.start("close", () -> assertTrue(pool.close(Await.LIMIT), "all ended"));
            Await.until("the pool to take no more", () -> {
                try {
                    pool.process(task("nothing"));
                    return false;
                } catch (IllegalStateException e) {
                    return e.getMessage().equals("the pool is closed");
                }
            });
            closing.countDown();
            close.join();
            for (CompletableFuture<Outcome> outcome : outcomes) {
                assertSame(Outcome.DONE, outcome(outcome));
            }
            assertTrue(pool.close(Await.LIMIT), "closing again does nothing");
        }
    }

    @Test
    void abandonedTasksCloseTheirConnections() throws Exception {
        CountDownLatch gone = new CountDownLatch(MANY);
        try (TestServer server = new TestServer(connection -> {
            connection.getInputStream().readAllBytes();
            gone.countDown();
        })) {
            GuestPool pool = pool(MANY, reaching(server));
            List<CompletableFuture<Outcome>> outcomes = IntStream.range(0, MANY)
                    .mapToObj(i -> pool.process(task("exchange " + server.address() + " hello"))).toList();
            Await.until("all to be connected", () -> server.open() == MANY);
            assertFalse(pool.close(Duration.ofMillis(1)));
            for (CompletableFuture<Outcome> outcome : outcomes) {
                assertThrows(CancellationException.class, () -> outcome(outcome));
            }
            OnThread.await(gone, "the connections to be closed");
        }
    }

    @Test
    void outputToAJavaStreamArrivesOnThePoolsThread() throws Exception {
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        List<String> writers = new ArrayList<>();
        OutputStream stream = new OutputStream() {
            @Override
            public synchronized void write(int b) {
                writers.add(Thread.currentThread().getName());
                output.write(b);
            }
        };
        WasiConfig wasi = WasiConfig.builder().stderr(Output.stream(stream)).build();
        GuestPool pool = pool(2, GuestOptions.DEFAULT.withWasi(wasi));
        run(pool, "panic");
        run(pool, "panic");
        assertEquals(2, output.toString().split("on purpose", -1).length - 1, output.toString());
        assertEquals(List.of("wasmton-completions"), writers.stream().distinct().toList());
    }

    @Test
    void throwingJavaStreamIsAFaultOfTheHost() throws Exception {
        OutputStream broken = new OutputStream() {
            @Override
            public void write(int b) {
                throw new UnsupportedOperationException("broken");
            }
        };
        WasiConfig wasi = WasiConfig.builder().stderr(Output.stream(broken)).build();
        GuestPool pool = pool(2, GuestOptions.DEFAULT.withWasi(wasi));
        assertEquals(Outcome.Kind.HOST, ((Outcome.Failed) run(pool, "panic")).kind());
        assertSame(Outcome.DONE, run(pool, "nothing"));
    }

    @Test
    void concurrentThreadsGetTheirOwnOutcomes() throws Exception {
        GuestPool pool = pool(64);
        List<CompletableFuture<Void>> threads = IntStream.range(0, 4)
                .mapToObj(seed -> CompletableFuture.runAsync(() -> {
            for (int n = 0; n < 500; n++) {
                boolean fails = n % 50 == 49;
                Outcome outcome = pool.process(task(fails ? "panic" : n % 10 == 9 ? "sleep 1" : "nothing")).join();
                assertEquals(fails, outcome instanceof Outcome.Failed, outcome::toString);
            }
        })).toList();
        for (CompletableFuture<Void> thread : threads) {
            Await.result("a thread", thread);
        }
        assertEquals(0, pool.inFlight());
    }

    @Test
    void closeUnderLoadEndsEveryTaskOnce() throws Exception {
        GuestModule module = GuestModule.load(guest("probe"), GuestOptions.DEFAULT);
        toClose.add(module);
        for (int round = 0; round < 20; round++) {
            GuestPool pool = new GuestPool(module, 50);
            List<CompletableFuture<Outcome>> outcomes = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                outcomes.add(pool.process(task(i % 3 == 0 ? "loop" : i % 3 == 1 ? "nothing" : "sleep 3600000")));
            }
            pool.close(Duration.ofMillis(round));
            for (CompletableFuture<Outcome> outcome : outcomes) {
                Object end = Await.result("a task",
                        outcome.<Object>handle((done, thrown) -> done == null ? thrown : done));
                assertTrue(end == Outcome.DONE || end instanceof CancellationException, end::toString);
            }
        }
    }

    @Test
    void rejectsACoreModuleAndSaysWhatToBuild(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("core.wat"), Guests.TRAPS_AT_F);
        try (GuestModule module = GuestModule.load(file, GuestOptions.DEFAULT)) {
            String message = assertThrows(InvalidGuestException.class, () -> new GuestPool(module, 10)).getMessage();
            assertTrue(message.contains("build it for wasm32-wasip2"), message);
        }
    }

    @Test
    void everyInstanceGetsTheConfiguration() throws Exception {
        GuestPool pool = pool(2, GuestOptions.DEFAULT.withConfiguration(Map.of("colour", "blue")));
        try (GuestLogCapture log = new GuestLogCapture(Level.INFO)) {
            run(pool, "configuration colour");
            assertEquals(List.of("Some(\"blue\") of [(\"colour\", \"blue\")]"), log.take());
        }
    }
}
