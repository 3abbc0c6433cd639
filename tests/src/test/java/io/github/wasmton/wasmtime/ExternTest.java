package io.github.wasmton.wasmtime;

import static io.github.wasmton.wasmtime.WasmValType.I32;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

import io.github.wasmton.testing.Wasm;

class ExternTest {
    @Test
    void returnsTheItemThatItWraps() {
        try (Store store = new Store()) {
            Func func = WasmFunctions.wrap(store, () -> {});
            Memory memory = Wasm.instantiate(store, "(module (memory (export \"m\") 1))").getMemory("m");
            assertEquals(Extern.Kind.FUNC, Extern.fromFunc(func).kind());
            assertSame(func, Extern.fromFunc(func).func());
            assertEquals(Extern.Kind.MEMORY, Extern.fromMemory(memory).kind());
            assertSame(memory, Extern.fromMemory(memory).memory());
        }
    }

    @Test
    void wrongKindIsReportedWithBothKinds() {
        try (Store store = new Store()) {
            Extern func = Extern.fromFunc(WasmFunctions.wrap(store, () -> {}));
            Instance instance = Wasm.instantiate(store, """
                    (module (memory (export "m") 1) (table (export "t") 1 funcref)
                      (global (export "g") i32 (i32.const 0)))""");
            assertEquals("this Extern is a FUNC, not a MEMORY",
                    assertThrows(IllegalStateException.class, func::memory).getMessage());
            for (String name : new String[] {"m", "t", "g"}) {
                Extern other = instance.getExport(name).orElseThrow();
                assertEquals("this Extern is a " + other.kind() + ", not a FUNC",
                        assertThrows(IllegalStateException.class, other::func).getMessage());
            }
        }
    }

    @Test
    void everyKindCanBeImportedByAnotherModule() {
        try (Store store = new Store(); Linker linker = new Linker(store)) {
            Instance exporting = Wasm.instantiate(store, """
                    (module
                      (memory (export "m") 1)
                      (table (export "t") 1 funcref)
                      (global (export "g") (mut i32) (i32.const 5))
                      (func (export "f") (result i32) (i32.const 2))
                      (elem (i32.const 0) $seven)
                      (func $seven (result i32) (i32.const 7))
                      (data (i32.const 0) "\\0b"))""");
            for (String name : new String[] {"m", "t", "g", "f"}) {
                linker.define("x", name, exporting.getExport(name).orElseThrow());
            }
            Instance importing = Wasm.instantiate(linker, """
                    (module
                      (import "x" "m" (memory 1))
                      (import "x" "t" (table 1 funcref))
                      (import "x" "g" (global $g (mut i32)))
                      (import "x" "f" (func $f (result i32)))
                      (func (export "sum") (result i32)
                        (i32.add (i32.add (i32.load8_u (i32.const 0)) (call_indirect (result i32) (i32.const 0)))
                                 (i32.add (global.get $g) (call $f)))))""");
            assertEquals(11 + 7 + 5 + 2, WasmFunctions.func(importing.getFunc("sum"), I32).call());
        }
    }
}
