package io.github.wasmton.wasmtime;

import static io.github.wasmton.wasmtime.WasmValType.I32;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Early ends of calls: by fuel, epoch, time limit and {@link Thread#interrupt}. */
@Timeout(60)
class InterruptionTest {
    private static final String LOOP = """
            (module (import "" "host" (func $host))
              (func (export "forever") call $host (loop br 0))
              (func (export "count") (param i32) (result i32)
                (loop local.get 0 i32.const -1 i32.add local.tee 0 br_if 0) local.get 0))""";

    private Store store;
    private Instance instance;

    private void start(Config config, Runnable host) {
        try (Engine engine = new Engine(config)) {
            store = new Store(engine);
            try (Linker linker = new Linker(store); Module module = Module.fromWat(engine, LOOP)) {
                linker.define("", "host", Extern.fromFunc(WasmFunctions.wrap(store, host::run)));
                instance = linker.instantiate(module);
            }
        }
    }

    private void start(Config config) {
        start(config, () -> {});
    }

    private static Config ticking() {
        return new Config().epochTick(Duration.ofMillis(2));
    }

    @AfterEach
    void close() {
        store.close();
    }

    private WasmFunctions.Consumer0 forever() {
        return WasmFunctions.consumer(instance.getFunc("forever"));
    }

    private int count(int n) {
        return WasmFunctions.func(instance.getFunc("count"), I32, I32).call(n);
    }

    private static TrapException assertInterrupted(org.junit.jupiter.api.function.Executable call) {
        TrapException e = assertThrows(TrapException.class, call);
        assertEquals(TrapCode.INTERRUPT, e.code());
        return e;
    }

    @Test
    void wasmTrapsWhenFuelRunsOut() {
        start(new Config().consumeFuel(true));
        store.setFuel(10_000);
        assertEquals(0, count(100));
        long left = store.getFuel();
        assertTrue(left > 8_000 && left < 10_000, left + " are left");
        assertEquals(TrapCode.OUT_OF_FUEL, assertThrows(TrapException.class, forever()::accept).code());
        store.setFuel(Long.MAX_VALUE);
        assertEquals(0, count(100));
        assertThrows(IllegalArgumentException.class, () -> store.setFuel(-1));
    }

    @Test
    void missingSettingsAreNamed() {
        start(new Config());
        assertThrows(IllegalStateException.class, () -> store.getFuel());
        assertThrows(IllegalStateException.class, () -> store.setFuel(1));
        assertThrows(IllegalStateException.class, () -> store.setEpochDeadline(1));
        assertThrows(IllegalStateException.class, () -> store.setInterruptible(true));
        assertThrows(IllegalStateException.class, () -> store.callWithin(Duration.ofSeconds(1), () -> 1));
        assertThrows(IllegalArgumentException.class, () -> new Config().epochTick(Duration.ZERO));
    }

    @Test
    void epochDeadlineTraps() {
        Engine[] engine = new Engine[1];
        start(new Config().epochInterruption(true), () -> engine[0].incrementEpoch());
        engine[0] = store.engine();
        assertEquals(0, count(1000), "a Store starts without a deadline");
        store.setEpochDeadline(1);
        assertInterrupted(forever()::accept);
        store.setEpochDeadline(-1);
        assertEquals(0, count(1000));
        engine[0].close();
    }

    @Test
    void callWithinEndsALoop() {
        start(ticking());
        long start = System.nanoTime();
        TrapException e = assertInterrupted(() -> store.callWithin(Duration.ofMillis(30), () -> {
            forever().accept();
            return null;
        }));
        assertTrue(e.getMessage().contains("longer than it was given"), e.getMessage());
        assertTrue(System.nanoTime() - start >= 30_000_000);
        assertEquals(0, count(100_000), "the time is over, and so is the limit");
        assertEquals(0, store.callWithin(Duration.ofDays(100_000), () -> count(1000)));
        assertInterrupted(() -> store.callWithin(Duration.ZERO, () -> {
            forever().accept();
            return null;
        }));
    }

    @Test
    void earlierOfTwoLimitsApplies() {
        start(ticking());
        long start = System.nanoTime();
        assertInterrupted(() -> store.callWithin(Duration.ofMillis(20), () -> {
            store.callWithin(Duration.ofMinutes(5), () -> {
                forever().accept();
                return null;
            });
            return null;
        }));
        assertTrue(System.nanoTime() - start < Duration.ofMinutes(4).toNanos());
        assertInterrupted(() -> store.callWithin(Duration.ofMillis(40), () -> {
            assertInterrupted(() -> store.callWithin(Duration.ofMillis(1), () -> {
                forever().accept();
                return null;
            }));
            forever().accept();
            return null;
        }));
    }

    @Test
    void interruptEndsALoopOfAnInterruptibleStore() throws Exception {
        CountDownLatch running = new CountDownLatch(1);
        start(ticking(), running::countDown);
        store.setInterruptible(true);
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        AtomicReference<Boolean> interrupted = new AtomicReference<>();
        Thread thread = new Thread(() -> {
            try {
                forever().accept();
            } catch (Throwable e) {
                thrown.set(e);
                interrupted.set(Thread.interrupted());
            }
        });
        thread.start();
        running.await();
        thread.interrupt();
        thread.join();
        assertEquals(TrapCode.INTERRUPT, ((TrapException) thrown.get()).code());
        assertTrue(thrown.get().getMessage().contains("the thread was interrupted"), thrown.get().getMessage());
        assertEquals(true, interrupted.get());
        assertEquals(0, count(100_000));
    }

    @Test
    void interruptDoesNotAffectOtherStores() {
        start(ticking());
        Thread.currentThread().interrupt();
        try {
            assertEquals(0, count(20_000_000));
        } finally {
            assertTrue(Thread.interrupted());
        }
    }

    @Test
    void storeMayBeClosedDuringCallWithin() {
        start(ticking());
        assertNull(store.callWithin(Duration.ofSeconds(9), () -> {
            store.close();
            return null;
        }));
    }
}
