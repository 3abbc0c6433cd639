package io.github.wasmton.wasmtime;

import static io.github.wasmton.wasmtime.WasmValType.I32;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import io.github.wasmton.testing.Await;
import io.github.wasmton.testing.OnThread;
import io.github.wasmton.testing.Wasm;
import io.github.wasmton.wasmtime.SharedMemory.WaitResult;

/** Promise: a shared memory is the same memory for all Stores and threads that have it, whatever is closed and when. */
class SharedMemoryTest {
    private static final String GUEST = """
            (module
              (import "host" "memory" (memory 1 4 shared))
              (export "again" (memory 0))
              (func (export "add") (param $times i32)
                (loop $next
                  (drop (i32.atomic.rmw.add (i32.const 8) (i32.const 1)))
                  (local.set $times (i32.sub (local.get $times) (i32.const 1)))
                  (br_if $next (local.get $times))))
              (func (export "load") (param i32) (result i32) (i32.load (local.get 0)))
              (func (export "store") (param i32 i32) (i32.store (local.get 0) (local.get 1)))
              (func (export "wait") (param i32) (result i32)
                (memory.atomic.wait32 (local.get 0) (i32.const 0) (i64.const -1)))
              (func (export "notify") (param i32) (result i32) (memory.atomic.notify (local.get 0) (i32.const 1)))
              (func (export "grow") (result i32) (memory.grow (i32.const 1))))""";

    private final Engine engine = new Engine(new Config().sharedMemory(true));
    private final SharedMemory memory = new SharedMemory(engine, MemoryType.shared(1, 4));

    @AfterEach
    void close() {
        memory.close();
        engine.close();
    }

    private Instance guest(Store store) {
        try (Linker linker = new Linker(store)) {
            linker.define("host", "memory", Extern.fromSharedMemory(store, memory));
            return Wasm.instantiate(linker, GUEST);
        }
    }

    @Test
    void typeAndSizeFollowTheGrowth() {
        assertEquals(MemoryType.shared(1, 4), memory.type());
        assertEquals(1, memory.size());
        assertEquals(65_536, memory.dataSize());
        try (Store store = new Store(engine)) {
            Instance guest = guest(store);
            assertArrayEquals(new Object[] {1}, guest.getFunc("grow").call());
            assertEquals(2, memory.size());
            assertEquals(2, memory.grow(2));
            memory.putInt(4 * 65_536 - 4, 9);
            assertArrayEquals(new Object[] {9}, guest.getFunc("load").call(4 * 65_536 - 4));
            assertEquals(-1, memory.grow(1));
            assertThrows(IllegalArgumentException.class, () -> memory.grow(-1));
        }
    }

    /** Checks that a memory defined before it grew satisfies an import of its current size. */
    @Test
    void linkerSeesTheGrowth() {
        try (Store store = new Store(engine); Linker linker = new Linker(store)) {
            linker.define("host", "memory", Extern.fromSharedMemory(store, memory));
            memory.grow(2);
            Wasm.instantiate(linker, "(module (import \"host\" \"memory\" (memory 3 4 shared)))");
        }
    }

    @Test
    void accessorsWorkAlignedAndUnaligned() {
        for (int at = 0; at < 9; at++) {
            memory.putLong(at, 0x8877665544332211L);
            assertEquals(0x8877665544332211L, memory.getLong(at));
            assertEquals(0x44332211, memory.getInt(at));
            assertEquals(0x2211, memory.getShort(at));
            assertEquals(0x11, memory.getByte(at));
            memory.putInt(at, -2);
            memory.putShort(at + 4, (short) -3);
            memory.putByte(at + 6, (byte) -4);
            assertEquals(0x88fcfffdfffffffeL, memory.getLong(at));
        }
        byte[] bytes = new byte[20_000];
        new Random(1).nextBytes(bytes);
        memory.write(3, bytes, 1, 19_990);
        byte[] back = new byte[20_000];
        memory.read(3, back, 1, 19_990);
        back[0] = bytes[0];
        System.arraycopy(bytes, 19_991, back, 19_991, 9);
        assertArrayEquals(bytes, back);
    }

    @Test
    void rejectsAddressesOutOfBounds() {
        for (long at : new long[] {-1, 65_533, Long.MAX_VALUE, Long.MIN_VALUE}) {
            assertThrows(IndexOutOfBoundsException.class, () -> memory.getInt(at));
            assertThrows(IndexOutOfBoundsException.class, () -> memory.putInt(at, 1));
            assertThrows(IndexOutOfBoundsException.class, () -> memory.read(at, new byte[4], 0, 4));
            assertThrows(IndexOutOfBoundsException.class, () -> memory.write(at, new byte[4], 0, 4));
            assertThrows(IndexOutOfBoundsException.class, () -> memory.atomicNotify(at, 1));
            assertThrows(IndexOutOfBoundsException.class, () -> memory.atomicWait32(at, 1, Duration.ZERO));
        }
        assertThrows(IndexOutOfBoundsException.class, () -> memory.read(0, new byte[4], 1, 4));
        assertThrows(IllegalArgumentException.class, () -> memory.atomicNotify(2, 1));
        assertThrows(IllegalArgumentException.class, () -> memory.atomicNotify(4, -1));
        assertThrows(IllegalArgumentException.class, () -> memory.atomicWait64(4, 1, Duration.ZERO));
    }

    @Test
    void exportIsTheSameMemory() {
        memory.putInt(4, 77);
        SharedMemory same;
        try (Store store = new Store(engine)) {
            Extern export = guest(store).getExport("again").orElseThrow();
            assertEquals(Extern.Kind.SHARED_MEMORY, export.kind());
            assertEquals(MemoryType.shared(1, 4), export.type());
            assertThrows(IllegalStateException.class, export::memory);
            same = export.sharedMemory();
        }
        memory.close();
        assertEquals(77, same.getInt(4));
        same.close();
        assertThrows(IllegalStateException.class, same::size);
    }

    @Test
    void wasmCanDefineASharedMemory() {
        try (Store store = new Store(engine)) {
            Extern export = Wasm.instantiate(store, "(module (memory (export \"m\") 1 1 shared))").getExport("m")
                    .orElseThrow();
            try (SharedMemory own = export.sharedMemory(); Store other = new Store(engine);
                 Linker linker = new Linker(other)) {
                own.putInt(0, 5);
                linker.define("host", "memory", Extern.fromSharedMemory(other, own));
                Instance reading = Wasm.instantiate(linker, """
                        (module (import "host" "memory" (memory 1 1 shared))
                          (func (export "load") (result i32) (i32.load (i32.const 0))))""");
                assertArrayEquals(new Object[] {5}, reading.getFunc("load").call());
            }
        }
    }

    @Test
    void twoStoresAndJavaCountWithoutLosses() {
        List<OnThread> threads = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            threads.add(OnThread.start("counting " + i, () -> {
                try (Store store = new Store(engine)) {
                    WasmFunctions.consumer(guest(store).getFunc("add"), I32).accept(200_000);
                }
            }));
        }
        // At the same time, neighbouring bytes are read and written without harm.
        byte[] bytes = new byte[1000];
        for (int i = 0; i < 5000; i++) {
            memory.read(0, bytes, 0, 1000);
            memory.write(100, bytes, 0, 900);
        }
        threads.forEach(OnThread::join);
        assertEquals(400_000, memory.getInt(8));
    }

    @Test
    void javaAndWasmWakeEachOther() throws Exception {
        OnThread waiting = OnThread.start("waiting", () -> {
            try (Store store = new Store(engine)) {
                assertArrayEquals(new Object[] {0}, guest(store).getFunc("wait").call(16));
            }
        });
        Await.until("wasm waits and is woken", () -> memory.atomicNotify(16, 1) == 1);
        waiting.join();

        OnThread java = OnThread.start("waiting in Java",
                () -> assertEquals(WaitResult.OK, memory.atomicWait64(24, 0, Await.LIMIT)));
        try (Store store = new Store(engine)) {
            Func notify = guest(store).getFunc("notify");
            Await.until("Java waits and is woken", () -> notify.call(24)[0].equals(1));
        }
        java.join();
        assertEquals(WaitResult.MISMATCH, memory.atomicWait32(24, 1, Await.LIMIT));
        assertEquals(WaitResult.TIMED_OUT, memory.atomicWait32(24, 0, Duration.ofMillis(1)));
        assertEquals(WaitResult.TIMED_OUT, memory.atomicWait32(24, 0, Duration.ofMillis(-1)));
    }

    @Test
    void memoryClosedDuringAWaitIsFreedLater() {
        OnThread waiting = OnThread.start("waiting", () -> {
            try {
                assertEquals(WaitResult.TIMED_OUT, memory.atomicWait32(0, 0, Duration.ofMillis(300)));
            } catch (IllegalStateException e) {
                assertEquals("the SharedMemory is closed", e.getMessage());  // before it began
            }
        });
        memory.close();
        assertThrows(IllegalStateException.class, () -> memory.getInt(0));
        waiting.join();
    }

    @Test
    void rejectsEnginesAndTypesWithoutSharing() {
        try (Engine plain = new Engine(); Store store = new Store(plain)) {
            assertThrows(WasmtimeException.class, () -> new SharedMemory(plain, MemoryType.shared(1, 1)));
            assertThrows(IllegalArgumentException.class, () -> Extern.fromSharedMemory(store, memory));
        }
        assertThrows(IllegalArgumentException.class, () -> new SharedMemory(engine, new MemoryType(1, 2)));
        try (Store store = new Store(engine)) {
            assertTrue(assertThrows(IllegalArgumentException.class, () -> new Memory(store, MemoryType.shared(1, 1)))
                    .getMessage().contains("SharedMemory"));
        }
    }
}
