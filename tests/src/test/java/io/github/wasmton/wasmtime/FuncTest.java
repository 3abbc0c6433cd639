package io.github.wasmton.wasmtime;

import static io.github.wasmton.wasmtime.WasmValType.I32;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

import io.github.wasmton.testing.Wasm;

class FuncTest {
    @Test
    void closeHasNoEffect() {
        try (Store store = new Store()) {
            Func func = Wasm.instantiate(store, "(module (func (export \"f\") (result i32) (i32.const 7)))")
                    .getFunc("f");
            func.close();
            func.close();
            assertEquals(7, WasmFunctions.func(func, I32).call());
        }
    }

    @Test
    void javaCallsHostFunctionsLikeWasmFunctions() {
        try (Store store = new Store()) {
            Func twice = WasmFunctions.wrap(store, I32, I32, n -> 2 * n);
            assertEquals(42, WasmFunctions.func(twice, I32, I32).call(21));
        }
    }

    @Test
    void tableReturnsTheFunctionThatWasPutIn() {
        try (Store store = new Store(); Linker linker = new Linker(store)) {
            linker.define("host", "twice", Extern.fromFunc(WasmFunctions.wrap(store, I32, I32, n -> 2 * n)));
            Instance instance = Wasm.instantiate(linker, """
                    (module
                      (import "host" "twice" (func $twice (param i32) (result i32)))
                      (export "again" (func $twice))
                      (table 1 funcref)
                      (elem (i32.const 0) $twice)
                      (func (export "indirect") (param i32) (result i32)
                        (call_indirect (param i32) (result i32) (local.get 0) (i32.const 0))))""");
            assertEquals(42, WasmFunctions.func(instance.getFunc("again"), I32, I32).call(21));
            assertEquals(42, WasmFunctions.func(instance.getFunc("indirect"), I32, I32).call(21));
        }
    }
}
