package io.github.wasmton.wasmtime;

import static io.github.wasmton.wasmtime.WasmValType.I32;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

import io.github.wasmton.testing.OnThread;
import io.github.wasmton.testing.Wasm;
import io.github.wasmton.wasmtime.internal.NativeObject;
import io.github.wasmton.wasmtime.wasi.Wasi;
import io.github.wasmton.wasmtime.wasi.WasiConfig;

/** Promise: no order of uses and closes, on any number of threads, does worse than an exception. */
class LifetimeTest {
    private static final String GUEST = """
            (module
              (memory (export "memory") 1)
              (func (export "f") (result i32) (i32.const 7)))""";

    /** One handle of each kind, all of one Store. */
    private static final class Handles {
        final Store store = new Store();
        final Engine engine = store.engine();
        final Module module = Module.fromWat(engine, GUEST);
        final Linker linker = new Linker(store);
        final Instance instance = linker.instantiate(module);
        final Memory memory = instance.getMemory("memory");
        final Func func = instance.getFunc("f");
        final Wasi wasi = new Wasi(store, WasiConfig.EMPTY);
        final WasmFunctions.Function0<Integer> call = WasmFunctions.func(func, I32);
    }

    @Test
    void everyUseOfAClosedStoreThrows() {
        Handles h = new Handles();
        Extern host = Extern.fromFunc(WasmFunctions.wrap(h.store, () -> {}));
        h.store.close();
        List<Executable> uses = List.of(
                h.call::call,
                h.store::engine,
                () -> new Linker(h.store),
                () -> new Wasi(h.store, WasiConfig.EMPTY),
                () -> h.wasi.addToLinker(h.linker),
                () -> WasmFunctions.wrap(h.store, () -> {}),
                () -> WasmFunctions.func(h.func, I32),
                () -> WasmFunctions.consumer(host.func()),
                () -> h.linker.define("a", "b", host),
                () -> h.linker.module("m", h.module),
                () -> h.linker.instantiate(h.module),
                () -> h.linker.get("a", "b"),
                () -> h.linker.getOneByName("a", "b"),
                () -> h.instance.getExport("f"),
                () -> h.instance.getFunc("f"),
                () -> h.instance.getMemory("memory"),
                h.memory::buffer,
                h.memory::size,
                () -> h.memory.grow(1),
                () -> h.memory.read(0, new byte[1], 0, 1),
                () -> h.memory.write(0, new byte[1], 0, 1));
        for (int i = 0; i < uses.size(); i++) {
            assertEquals("the Store is closed",
                    assertThrows(IllegalStateException.class, uses.get(i), "use " + i).getMessage(), "use " + i);
        }
    }

    @Test
    void closingAgainHasNoEffect() {
        Handles h = new Handles();
        List<AutoCloseable> all = List.of(h.func, h.memory, h.wasi, h.linker, h.module, h.engine, h.store);
        for (int round = 0; round < 3; round++) {
            for (AutoCloseable one : all) {
                close(one);
            }
        }
        Handles others = new Handles();
        for (AutoCloseable one : all) {
            close(one);
        }
        assertEquals(7, others.call.call(), "a late close does not hit what came after");
        others.store.close();
    }

    private static void close(AutoCloseable one) {
        try {
            one.close();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void everyOrderOfClosingWorks() {
        int orders = 0;
        for (int order = 0; order < 24; order++) {
            Handles h = new Handles();
            List<NativeObject> left = new ArrayList<>(List.of(h.store, h.linker, h.module, h.engine));
            for (int choice = order, n = 4; n > 0; choice /= n, n--) {
                left.remove(choice % n).close();
            }
            assertThrows(IllegalStateException.class, h.call::call);
            orders++;
        }
        assertEquals(24, orders);
    }

    @Test
    void storeClosedDuringACallIsFreedAfterTheCall() throws InterruptedException {
        Handles h = new Handles();
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch closed = new CountDownLatch(1);
        h.linker.define("host", "wait", Extern.fromFunc(WasmFunctions.wrap(h.store, () -> {
            inside.countDown();
            try {
                OnThread.await(closed, "the Store to be closed");
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        })));
        var afterwards = WasmFunctions.func(Wasm.instantiate(h.linker, """
                (module
                  (import "host" "wait" (func $wait))
                  (memory 1)
                  (func (export "f") (result i32)
                    (i32.store (i32.const 65532) (i32.const 5))
                    (call $wait)
                    (i32.load (i32.const 65532))))""").getFunc("f"), I32);
        int[] result = new int[1];
        OnThread caller = OnThread.start("the call", () -> result[0] = afterwards.call());
        OnThread.await(inside, "the host function to begin");
        h.store.close();
        h.linker.close();
        assertThrows(IllegalStateException.class, h.call::call);
        assertThrows(IllegalStateException.class, h.memory::size);
        closed.countDown();
        caller.join();
        assertEquals(5, result[0], "wasm that was running ran on in its memory");
        assertThrows(IllegalStateException.class, afterwards::call);
    }

    @Test
    void partsWorkAfterTheirStoreObjectIsForgotten() {
        WasmFunctions.Function0<Integer> call = new Handles().call;
        Memory memory = new Handles().memory;
        for (int i = 0; i < 5; i++) {
            System.gc();
            System.runFinalization();
            assertEquals(7, call.call());
            assertEquals(65536, memory.buffer().capacity());
        }
    }

    /** Drops handles without closing them, while others of their kind come and go. */
    @Test
    void cleanerClosesForgottenHandlesWhileOthersWork() {
        for (int round = 0; round < 20; round++) {
            for (int i = 0; i < 20; i++) {
                assertEquals(7, new Handles().call.call());
            }
            System.gc();
        }
    }

    @Test
    void closeIsVisibleToOtherThreadsAtOnce() {
        Handles h = new Handles();
        OnThread.run(0, h.store::close);
        assertThrows(IllegalStateException.class, h.call::call);
    }

    @Test
    void interruptedThreadWorksAndStaysInterrupted() {
        assertNull(OnThread.catching(0, () -> {
            Thread.currentThread().interrupt();
            Handles h = new Handles();
            assertEquals(7, h.call.call());
            h.store.close();
            assertEquals(true, Thread.interrupted());
        }));
    }
}
