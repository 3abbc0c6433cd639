package io.github.wasmton.wasmtime;

import static io.github.wasmton.wasmtime.WasmValType.I32;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import io.github.wasmton.testing.OnThread;
import io.github.wasmton.testing.Wasm;

class ConfigTest {
    /** Recurses until the stack ends and counts the calls in a global. */
    private static final String RECURSION = """
            (module
              (global $depth (mut i32) (i32.const 0))
              (func $down (export "down")
                (global.set $depth (i32.add (global.get $depth) (i32.const 1)))
                (call $down))
              (func (export "depth") (result i32) (global.get $depth)))""";

    @Test
    void everySetterReturnsItsConfig() {
        Config config = new Config();
        assertSame(config, config.maxWasmStack(1).signalsBasedTraps(false));
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -1, Long.MIN_VALUE})
    void rejectsAStackThatIsNotPositive(long bytes) {
        Config config = new Config().maxWasmStack(bytes);
        assertThrows(IllegalArgumentException.class, () -> new Engine(config));
    }

    @Test
    void wasmGetsTheStackThatIsConfigured() {
        int small = depth(64 * 1024);
        int large = depth(512 * 1024);
        assertTrue(small > 100 && large > 4 * small, small + " calls in 64 KiB, " + large + " in 512 KiB");
    }

    private static int depth(long maxWasmStack) {
        try (Engine engine = new Engine(new Config().maxWasmStack(maxWasmStack)); Store store = new Store(engine)) {
            Instance instance = Wasm.instantiate(store, RECURSION);
            OnThread.run(4 << 20, () -> assertEquals(TrapCode.STACK_OVERFLOW, assertThrows(TrapException.class,
                    () -> WasmFunctions.consumer(instance.getFunc("down")).accept()).code()));
            return WasmFunctions.func(instance.getFunc("depth"), I32).call();
        }
    }

    @Test
    void wasmUsesManyMegabytesOfStackWhereTheThreadHasThem() {
        try (Engine engine = new Engine(new Config().maxWasmStack(16 << 20)); Store store = new Store(engine)) {
            OnThread.run(20 << 20, () -> {
                Instance instance = Wasm.instantiate(store, RECURSION);
                assertEquals(TrapCode.STACK_OVERFLOW, assertThrows(TrapException.class,
                        () -> WasmFunctions.consumer(instance.getFunc("down")).accept()).code());
            });
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1L << 40, Long.MAX_VALUE - 1024, Long.MAX_VALUE})
    void enteringWasmFailsWithAStackLargerThanTheThreads(long bytes) {
        try (Engine engine = new Engine(new Config().maxWasmStack(bytes)); Store store = new Store(engine)) {
            assertThrows(StackOverflowError.class, () -> Wasm.instantiate(store, RECURSION));
        }
    }

    @Test
    void trapsWorkWithoutSignals() {
        try (Engine engine = new Engine(new Config().signalsBasedTraps(false)); Store store = new Store(engine)) {
            Instance instance = Wasm.instantiate(store, """
                    (module
                      (memory 1)
                      (func (export "divide") (result i32) (i32.div_s (i32.const 1) (i32.const 0)))
                      (func (export "load") (result i32) (i32.load (i32.const 65536)))
                      (func $down (export "recurse") (result i32) (i32.add (call $down) (i32.const 1))))""");
            assertEquals(TrapCode.INTEGER_DIVISION_BY_ZERO, code(instance, "divide"));
            assertEquals(TrapCode.MEMORY_OUT_OF_BOUNDS, code(instance, "load"));
            assertEquals(TrapCode.STACK_OVERFLOW, code(instance, "recurse"));
        }
    }

    private static TrapCode code(Instance instance, String name) {
        var function = WasmFunctions.func(instance.getFunc(name), I32);
        return assertThrows(TrapException.class, function::call).code();
    }
}
