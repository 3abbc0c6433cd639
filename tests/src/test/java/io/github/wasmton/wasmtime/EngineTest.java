package io.github.wasmton.wasmtime;

import static io.github.wasmton.wasmtime.WasmValType.I32;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;

import io.github.wasmton.testing.OnThread;

class EngineTest {
    private static final String SEVEN = "(module (func (export \"f\") (result i32) (i32.const 7)))";

    @Test
    void storesAndModulesOutliveTheirEngine() {
        Engine engine = new Engine();
        try (Store store = new Store(engine); Module module = Module.fromWat(engine, SEVEN);
                Linker linker = new Linker(store)) {
            engine.close();
            assertEquals(7, WasmFunctions.func(linker.instantiate(module).getFunc("f"), I32).call());
        }
    }

    @Test
    void closedEngineRefusesEverything() {
        Engine engine = new Engine();
        engine.close();
        engine.close();
        assertThrows(IllegalStateException.class, () -> new Store(engine));
        assertThrows(IllegalStateException.class, () -> Module.fromWat(engine, "(module)"));
        assertThrows(IllegalStateException.class, () -> Module.fromBinary(engine, new byte[0]));
    }

    @Test
    void twoHandlesOfOneEngineAreInterchangeable() {
        try (Store store = new Store(); Engine one = store.engine(); Engine other = store.engine();
                Module module = Module.fromWat(one, SEVEN); Store second = new Store(other);
                Linker linker = new Linker(second)) {
            assertEquals(7, WasmFunctions.func(linker.instantiate(module).getFunc("f"), I32).call());
        }
    }

    @Test
    void threadsCompileConcurrentlyWithOneEngine() {
        try (Engine engine = new Engine()) {
            List<OnThread> threads = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                int n = i;
                threads.add(OnThread.start("compiling " + n, () -> {
                    try (Module module = Module.fromWat(engine, SEVEN.replace("7", Integer.toString(n)));
                            Store store = new Store(engine); Linker linker = new Linker(store)) {
                        assertEquals(n, WasmFunctions.func(linker.instantiate(module).getFunc("f"), I32).call());
                    }
                }));
            }
            threads.forEach(OnThread::join);
        }
    }
}
