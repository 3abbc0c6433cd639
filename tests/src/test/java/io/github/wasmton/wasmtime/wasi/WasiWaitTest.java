package io.github.wasmton.wasmtime.wasi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.time.Duration;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

import io.github.wasmton.testing.Await;
import io.github.wasmton.testing.ChildJvm;
import io.github.wasmton.wasmtime.Config;
import io.github.wasmton.wasmtime.Engine;
import io.github.wasmton.wasmtime.Instance;
import io.github.wasmton.wasmtime.Linker;
import io.github.wasmton.wasmtime.Module;
import io.github.wasmton.wasmtime.Store;
import io.github.wasmton.wasmtime.TrapCode;
import io.github.wasmton.wasmtime.TrapException;

/** Promise: a guest that waits in a function of WASI ends as one that computes does. */
@Timeout(60)
class WasiWaitTest {
    /** Exports {@code sleep}, which takes nanoseconds and returns what {@code poll_oneoff} does. */
    private static final String SLEEPER = """
            (module
              (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
              (memory (export "memory") 1)
              (func (export "sleep") (param $nanos i64) (result i32)
                (i32.store8 (i32.const 8) (i32.const 0))
                (i32.store (i32.const 16) (i32.const 1))
                (i64.store (i32.const 24) (local.get $nanos))
                (call $poll (i32.const 0) (i32.const 104) (i32.const 1) (i32.const 200))))""";
    private static final long HOURS = Duration.ofHours(9).toNanos();

    private Store store;
    private Instance instance;

    private void start(Config config) {
        try (Engine engine = new Engine(config)) {
            store = new Store(engine);
            try (Linker linker = new Linker(store); Module module = Module.fromWat(engine, SLEEPER)) {
                new Wasi(store, WasiConfig.EMPTY).addToLinker(linker);
                instance = linker.instantiate(module);
            }
        }
    }

    @AfterEach
    void close() {
        store.close();
    }

    private Object sleep(long nanos) {
        return instance.getFunc("sleep").call(nanos);
    }

    private static TrapException assertInterrupted(Executable call) {
        TrapException e = assertThrows(TrapException.class, call);
        assertEquals(TrapCode.INTERRUPT, e.code());
        return e;
    }

    @Test
    void timeLimitEndsASleep() {
        start(new Config().epochTick(Duration.ofMillis(2)));
        TrapException e = assertInterrupted(() -> store.callWithin(Duration.ofMillis(30), () -> sleep(HOURS)));
        assertTrue(e.getMessage().contains("longer than it was given"), e.getMessage());
        store.callWithin(Await.LIMIT, () -> sleep(25_000_000));
    }

    @Test
    void interruptEndsASleepOfAnInterruptibleStore() {
        start(new Config().epochTick(Duration.ofMillis(2)));
        store.setInterruptible(true);
        Thread.currentThread().interrupt();
        TrapException e = assertInterrupted(() -> sleep(HOURS));
        assertTrue(e.getMessage().contains("the thread was interrupted"), e.getMessage());
        assertTrue(Thread.interrupted());
    }

    @Test
    void epochEndsASleep() throws InterruptedException {
        start(new Config().epochInterruption(true));
        store.setEpochDeadline(1);
        Engine engine = store.engine();
        Thread ticking = new Thread(engine::incrementEpoch);
        ticking.start();
        assertInterrupted(() -> sleep(HOURS));
        ticking.join();
        engine.close();
    }

    @Test
    void sleepWithoutADeadlineLasts() {
        start(new Config());
        long start = System.nanoTime();
        sleep(30_000_000);
        assertTrue(System.nanoTime() - start >= 30_000_000);
    }

    /** The child's standard input is a FIFO that this test holds open and never writes to. */
    @Test
    @Tag("own-jvm")
    void timeLimitAndInterruptEndAReadOfStandardInput(@TempDir Path directory) throws Exception {
        start(new Config());  // for close()
        Path fifo = directory.resolve("fifo");
        assertEquals(0, new ProcessBuilder("mkfifo", fifo.toString()).inheritIO().start().waitFor());
        try (RandomAccessFile open = new RandomAccessFile(fifo.toFile(), "rw")) {
            new ChildJvm().reading(fifo).run(Reads.class).succeeded();
            assertTrue(open.getFD().valid(), "open until here");
        }
    }

    static class Reads {
        private static final String READER = """
                (module
                  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
                  (memory (export "memory") 1)
                  (func (export "read") (result i32)
                    (i32.store (i32.const 0) (i32.const 64))
                    (i32.store (i32.const 4) (i32.const 8))
                    (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 32))))""";

        public static void main(String[] args) {
            try (Engine engine = new Engine(new Config().epochTick(Duration.ofMillis(2)));
                 Module module = Module.fromWat(engine, READER)) {
                for (boolean interrupted : new boolean[] {false, true}) {
                    try (Store store = new Store(engine); Linker linker = new Linker(store)) {
                        new Wasi(store, WasiConfig.builder().stdin(Input.inherit()).build()).addToLinker(linker);
                        Instance reader = linker.instantiate(module);
                        if (interrupted) {
                            store.setInterruptible(true);
                            Thread.currentThread().interrupt();
                            assertInterrupted(() -> reader.getFunc("read").call());
                            assertTrue(Thread.interrupted());
                        } else {
                            assertInterrupted(() -> store.callWithin(Duration.ofMillis(50),
                                    () -> reader.getFunc("read").call()));
                        }
                    }
                }
            }
            System.exit(0);  // the thread that reads for wasmtime is still in the read
        }
    }
}
