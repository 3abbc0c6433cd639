package io.github.wasmton.wasmtime;

import static io.github.wasmton.wasmtime.WasmValType.I32;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

import io.github.wasmton.testing.OnThread;
import io.github.wasmton.testing.Wasm;
import io.github.wasmton.wasmtime.wasi.Wasi;
import io.github.wasmton.wasmtime.wasi.WasiConfig;

class StoreTest {
    private static final String COUNTER = """
            (module
              (memory (export "memory") 1)
              (global $n (mut i32) (i32.const 0))
              (func (export "next") (result i32)
                (global.set $n (i32.add (global.get $n) (i32.const 1)))
                (global.get $n)))""";

    @Test
    void storesWithoutAnEngineShareTheDefaultOne() {
        try (Store one = new Store(); Store other = new Store(); Engine engine = one.engine();
                Module module = Module.fromWat(engine, COUNTER); Linker linker = new Linker(other)) {
            assertEquals(1, WasmFunctions.func(linker.instantiate(module).getFunc("next"), I32).call());
        }
    }

    @Test
    void closingTheReturnedEngineDoesNotAffectTheStore() {
        try (Store store = new Store()) {
            for (int i = 0; i < 3; i++) {
                store.engine().close();
            }
            assertEquals(1, WasmFunctions.func(Wasm.instantiate(store, COUNTER).getFunc("next"), I32).call());
        }
    }

    @Test
    void storesAreIsolated() {
        try (Store one = new Store(); Store other = new Store()) {
            var next = WasmFunctions.func(Wasm.instantiate(one, COUNTER).getFunc("next"), I32);
            var otherNext = WasmFunctions.func(Wasm.instantiate(other, COUNTER).getFunc("next"), I32);
            assertEquals(1, next.call());
            assertEquals(2, next.call());
            assertEquals(1, otherNext.call());
        }
    }

    @Test
    void threadsMayTakeTurns() {
        try (Store store = new Store()) {
            var next = WasmFunctions.func(Wasm.instantiate(store, COUNTER).getFunc("next"), I32);
            for (int i = 1; i <= 10; i++) {
                int n = i;
                OnThread.run(0, () -> assertEquals(n, next.call()));
            }
        }
    }

    /** Uses a Store in each way while another thread is in a host function of it. */
    @Test
    void secondThreadIsRejectedAtOnceInEveryMethod() throws InterruptedException {
        try (Store store = new Store(); Engine engine = store.engine(); Module module = Module.fromWat(engine, COUNTER);
                Linker linker = new Linker(store)) {
            Instance instance = linker.instantiate(module);
            Memory memory = instance.getMemory("memory");
            Func next = instance.getFunc("next");
            var call = WasmFunctions.func(next, I32);
            Wasi wasi = new Wasi(store, WasiConfig.EMPTY);
            CountDownLatch inside = new CountDownLatch(1);
            CountDownLatch goOn = new CountDownLatch(1);
            Func block = WasmFunctions.wrap(store, () -> {
                inside.countDown();
                try {
                    OnThread.await(goOn, "the second thread's attempts");
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            });
            OnThread first = OnThread.start("the call that holds the Store", WasmFunctions.consumer(block)::accept);
            OnThread.await(inside, "the host function to begin");
            List<Executable> attempts = new ArrayList<>(List.of(
                    call::call,
                    () -> WasmFunctions.func(next, I32),
                    () -> WasmFunctions.wrap(store, () -> {}),
                    store::engine,
                    () -> new Linker(store),
                    () -> linker.define("m", "n", Extern.fromFunc(next)),
                    () -> linker.module("m", module),
                    () -> linker.instantiate(module),
                    () -> linker.get("m", "n"),
                    () -> linker.getOneByName("m", "n"),
                    () -> instance.getExport("another"),
                    memory::buffer,
                    memory::size,
                    () -> memory.grow(1),
                    () -> memory.read(0, new byte[1], 0, 1),
                    () -> memory.write(0, new byte[1], 0, 1),
                    () -> new Wasi(store, WasiConfig.EMPTY),
                    () -> wasi.addToLinker(linker)));
            for (int i = 0; i < attempts.size(); i++) {
                IllegalStateException e = assertThrows(IllegalStateException.class, attempts.get(i), "attempt " + i);
                assertTrue(e.getMessage().startsWith("the Store is in use by another call"), e.getMessage());
            }
            goOn.countDown();
            first.join();
            assertEquals(1, call.call(), "the attempts did nothing, and the Store is free again");
        }
    }
}
