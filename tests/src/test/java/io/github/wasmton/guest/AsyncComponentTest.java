package io.github.wasmton.guest;

import static io.github.wasmton.testing.TestGuests.assertDeadline;
import static io.github.wasmton.testing.TestGuests.guest;
import static io.github.wasmton.testing.TestGuests.task;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

import ch.qos.logback.classic.Level;
import io.github.wasmton.testing.Await;
import io.github.wasmton.testing.GuestLogCapture;
import io.github.wasmton.testing.Opened;
import io.github.wasmton.testing.TestServer;
import io.github.wasmton.wasmtime.wasi.Capture;
import io.github.wasmton.wasmtime.wasi.NetworkAccess;
import io.github.wasmton.wasmtime.wasi.Output;
import io.github.wasmton.wasmtime.wasi.WasiConfig;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Promise: an async processor of WASI 0.3 has the grants and limits of any other processor. */
class AsyncComponentTest {
    private static final GuestOptions OPTIONS = GuestOptions.DEFAULT.withDeadline(Await.LIMIT);

    private final Opened opened = new Opened();
    @TempDir
    private Path folder;

    @AfterEach
    void close() throws Exception {
        opened.close();
    }

    private GuestModule module(GuestOptions options) {
        return opened.add(GuestModule.load(guest("async-component"), options));
    }

    private Guest guestWith(GuestOptions options) {
        return opened.add(module(options).instantiate());
    }

    private GuestModule text(String wat) throws Exception {
        Path file = folder.resolve(opened.size() + ".wat");
        return opened.add(GuestModule.load(Files.writeString(file, wat), OPTIONS));
    }

    private static Outcome.Failed failed(Outcome outcome) {
        return (Outcome.Failed) outcome;
    }

    @Test
    void tasksGetTheirOutcome() {
        try (GuestLogCapture log = new GuestLogCapture(Level.INFO)) {
            Guest guest = guestWith(OPTIONS);
            for (int i = 0; i < 1000; i++) {
                assertSame(Outcome.DONE, guest.process(task("ok")));
            }
            assertSame(Outcome.DONE, guest.process(task("say hello")));
            assertEquals(List.of("hello"), log.take());
            Outcome.Failed skipped = failed(guest.process(task("skip this one")));
            assertEquals(Outcome.Kind.SKIP, skipped.kind());
            assertEquals("this one", skipped.reason());
            assertEquals(Outcome.Kind.DEAD_LETTER, failed(guest.process(task("dead"))).kind());
            assertEquals(Outcome.Kind.TRAP, failed(guest.process(task("panic"))).kind());
            assertEquals(Outcome.Kind.EXIT, failed(guest.process(task("exit"))).kind());
            assertSame(Outcome.DONE, guest.process(task("ok")));
        }
    }

    @Test
    void functionsOfWasi03Wait() {
        Guest guest = guestWith(OPTIONS);
        long start = System.nanoTime();
        assertSame(Outcome.DONE, guest.process(task("sleep 50")));
        assertTrue(System.nanoTime() - start >= 50_000_000L);
    }

    @Test
    void settingsAndOutputReachWasi03() {
        Capture output = new Capture(1 << 20);
        WasiConfig wasi = WasiConfig.builder().args("processor", "one").randomSeed(0)
                .stdout(Output.stream(output)).build();
        try (GuestLogCapture log = new GuestLogCapture(Level.INFO)) {
            Guest guest = guestWith(OPTIONS.withWasi(wasi));
            assertSame(Outcome.DONE, guest.process(task("environment")));
            assertEquals(List.of("[\"processor\", \"one\"] 16294208416658607535"), log.take());
            assertSame(Outcome.DONE, guest.process(task("out some text")));
            assertEquals(List.of("0 left, Ok(())"), log.take());
        }
        assertEquals("some text\n", output.text());
    }

    @Test
    void outputOfWasi03GoesToTheLog() {
        try (GuestLogCapture log = new GuestLogCapture(Level.INFO)) {
            Guest guest = guestWith(OPTIONS);
            assertSame(Outcome.DONE, guest.process(task("out some text")));
            assertTrue(log.take().contains("some text"));
        }
    }

    @Test
    void deadlineEndsAWaitAndALoop() {
        Guest guest = guestWith(OPTIONS.withDeadline(Duration.ofMillis(300)));
        assertDeadline(guest.process(task("sleep 3600000")));
        assertSame(Outcome.DONE, guest.process(task("ok")));
        assertDeadline(guest.process(task("loop")));
        assertSame(Outcome.DONE, guest.process(task("ok")));
    }

    @Test
    void waitForSomethingThatNeverComesIsATrap() {
        Guest guest = guestWith(OPTIONS);
        Outcome.Failed failed = failed(guest.process(task("forever")));
        assertEquals(Outcome.Kind.TRAP, failed.kind());
        assertTrue(failed.reason().contains("deadlock"), failed.reason());
    }

    @Test
    void memoryOfTheHostForStreamsAndWaitsIsBounded() {
        Guest guest = guestWith(OPTIONS);
        for (String command : List.of("streams", "waits")) {
            Outcome.Failed failed = failed(guest.process(task(command)));
            assertEquals(Outcome.Kind.TRAP, failed.kind(), failed.reason());
            assertSame(Outcome.DONE, guest.process(task("ok")), "a fresh instance");
        }
    }

    @Test
    void nothingIsReachedWithoutAGrant() throws Exception {
        try (TestServer server = new TestServer(TestServer::echoOnce);
             GuestLogCapture log = new GuestLogCapture(Level.INFO)) {
            Guest guest = guestWith(OPTIONS);
            assertSame(Outcome.DONE, guest.process(task("connect-0.2 " + server.address())));
            assertTrue(log.take().contains("refused: PermissionDenied"));
            assertSame(Outcome.DONE, guest.process(task("file-0.2 /etc/passwd")));
            assertTrue(log.take().stream().anyMatch(line -> line.startsWith("refused: ")));
            assertEquals(0, server.open());
        }
    }

    @Test
    void grantsAreThoseOfWasi02() throws Exception {
        Files.writeString(folder.resolve("granted"), "content");
        try (TestServer server = new TestServer(TestServer::echoOnce);
             GuestLogCapture log = new GuestLogCapture(Level.INFO)) {
            Guest guest = guestWith(OPTIONS.withWasi(WasiConfig.builder().readOnlyDir(folder, "/")
                    .network(NetworkAccess.to(server.address())).build()));
            assertSame(Outcome.DONE, guest.process(task("connect-0.2 " + server.address())));
            assertEquals(List.of("connected"), log.take());
            assertSame(Outcome.DONE, guest.process(task("file-0.2 /granted")));
            assertEquals(List.of("content"), log.take());
        }
    }

    /** The grants themselves are tested together with those of 0.2: {@link HttpAccessTest} and its neighbours. */
    @Test
    void filesOfWasi03AreThoseThatWereGranted() throws Exception {
        Path granted = Files.createDirectory(folder.resolve("granted"));
        Files.writeString(folder.resolve("secret"), "secret");
        Files.writeString(granted.resolve("one"), "x".repeat(8_000));
        Files.createSymbolicLink(granted.resolve("way-out"), folder.resolve("secret"));
        try (GuestLogCapture log = new GuestLogCapture(Level.INFO)) {
            Guest none = guestWith(OPTIONS);
            assertSame(Outcome.DONE, none.process(task("read /one")));
            assertEquals(List.of("refused: no directory was granted"), log.take());
            Guest reader = guestWith(OPTIONS.withWasi(WasiConfig.builder().readOnlyDir(granted, "/").build()));
            assertSame(Outcome.DONE, reader.process(task("read /one")));
            assertEquals(List.of("x".repeat(8_000)), log.take());
            assertSame(Outcome.DONE, reader.process(task("names /")));
            assertEquals(List.of("one way-out"), log.take());
            for (String path : List.of("/../secret", "/way-out", "/none")) {
                assertSame(Outcome.DONE, reader.process(task("read " + path)));
                assertTrue(log.take().get(0).startsWith("refused: ErrorCode::"), path);
            }
            assertSame(Outcome.DONE, reader.process(task("hold write /two 10")));
            assertTrue(log.take().get(0).startsWith("0 ErrorCode::"));
            Guest writer = guestWith(OPTIONS.withWasi(WasiConfig.builder().readWriteDir(granted, "/").build()));
            assertSame(Outcome.DONE, writer.process(task("hold write /two 200000")));
            assertSame(Outcome.DONE, writer.process(task("hold append /two 5")));
            assertEquals(List.of("200000 ", "5 "), log.take());
        }
        assertEquals("x".repeat(200_005), Files.readString(granted.resolve("two")));
    }

    @Test
    void unknownDoorOfWasi03IsRefusedByName() {
        String refusal = assertThrows(Exception.class, () -> text("""
                (component
                  (import "wasi:http/handler@0.3.0" (instance $door (export "f" (func))))
                  (alias export $door "f" (func $f))
                  (core func $f (canon lower (func $f)))
                  (core module $M
                    (import "" "f" (func $f))
                    (func (export "run") (result i32) (call $f) (i32.const 0))
                    (func (export "callback") (param i32 i32 i32) (result i32) (i32.const 0)))
                  (core instance $m (instantiate $M (with "" (instance (export "f" (func $f))))))
                  (func (export "run") async
                    (canon lift (core func $m "run") async (callback (core func $m "callback")))))
                """)).getMessage();
        assertTrue(refusal.contains("wasi:http/handler@0.3.0"), refusal);
        assertTrue(refusal.contains("WASI 0.2 or, if it is async, 0.3, with outgoing HTTP"), refusal);
    }

    @Test
    void storesAreRefusedByName() {
        String refusal = assertThrows(Exception.class, () -> text("""
                (component
                  (import "decaton:processor/state@0.1.0" (instance))
                  (core module $M
                    (func (export "run") (result i32) (i32.const 0))
                    (func (export "callback") (param i32 i32 i32) (result i32) (i32.const 0)))
                  (core instance $m (instantiate $M))
                  (func (export "run") async
                    (canon lift (core func $m "run") async (callback (core func $m "callback")))))
                """)).getMessage();
        assertTrue(refusal.contains("imports decaton:processor/state@0.1.0"), refusal);
    }

    @Test
    void manyTasksWaitAtOnceInAPool() throws Exception {
        GuestPool pool = opened.add(new GuestPool(module(OPTIONS), 200));
        assertSame(Outcome.DONE, Await.result("the first task", pool.process(task("ok"))));
        List<CompletableFuture<Outcome>> outcomes =
                IntStream.range(0, 200).mapToObj(i -> pool.process(task("sleep 200"))).toList();
        for (CompletableFuture<Outcome> outcome : outcomes) {
            assertSame(Outcome.DONE, Await.result("a task", outcome));
        }
        assertEquals(0, pool.inFlight());
    }

    @Test
    void abandonedTasksOfAPoolEnd() throws Exception {
        GuestModule module = module(OPTIONS);
        for (int round = 0; round < 10; round++) {
            GuestPool pool = new GuestPool(module, 50);
            List<CompletableFuture<Outcome>> outcomes = IntStream.range(0, 50)
                    .mapToObj(i -> i % 3 == 0 ? "loop" : i % 3 == 1 ? "ok" : "sleep 3600000")
                    .map(command -> pool.process(task(command))).toList();
            pool.close(Duration.ofMillis(round));
            for (CompletableFuture<Outcome> outcome : outcomes) {
                Object end = Await.result("a task",
                        outcome.<Object>handle((done, thrown) -> done == null ? thrown : done));
                assertTrue(end == Outcome.DONE || end instanceof CancellationException, end::toString);
            }
        }
        Guest guest = opened.add(module.instantiate());
        assertSame(Outcome.DONE, guest.process(task("ok")));
    }

    @Test
    void compiledCodeIsKept() throws Exception {
        Path copy = Files.copy(guest("async-component"), folder.resolve("copy.wasm"));
        for (int i = 0; i < 2; i++) {
            try (GuestModule module = GuestModule.load(copy, OPTIONS); Guest guest = module.instantiate()) {
                assertSame(Outcome.DONE, guest.process(new Task("t", 0, i, "ok".getBytes(UTF_8))));
            }
        }
    }
}
