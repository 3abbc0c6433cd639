package io.github.wasmton.wasmtime;

import static io.github.wasmton.wasmtime.WasmValType.I32;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import io.github.wasmton.testing.Wasm;
import io.github.wasmton.wasmtime.wasi.Wasi;
import io.github.wasmton.wasmtime.wasi.WasiConfig;

class ExitExceptionTest {
    private static final String EXIT = """
            (module
              (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
              (memory (export "memory") 1)
              (func (export "exit") (param i32) (call $exit (local.get 0)) unreachable))""";

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 3, 125})
    void exitThrowsWithItsStatus(int status) {
        try (Store store = new Store(); Linker linker = new Linker(store)) {
            new Wasi(store, WasiConfig.EMPTY).addToLinker(linker);
            var exit = WasmFunctions.consumer(Wasm.instantiate(linker, EXIT).getFunc("exit"), I32);
            ExitException e = assertThrows(ExitException.class, () -> exit.accept(status));
            assertEquals(status, e.status());
            assertEquals("the guest exited with status " + status, e.getMessage());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {126, 255, 256, -1, Integer.MIN_VALUE})
    void exitWithAnInvalidStatusThrowsToo(int status) {
        try (Store store = new Store(); Linker linker = new Linker(store)) {
            new Wasi(store, WasiConfig.EMPTY).addToLinker(linker);
            var exit = WasmFunctions.consumer(Wasm.instantiate(linker, EXIT).getFunc("exit"), I32);
            assertThrows(WasmtimeException.class, () -> exit.accept(status));
        }
    }

    @Test
    void exitOfAStartFunctionThrowsToo() {
        try (Store store = new Store(); Linker linker = new Linker(store)) {
            new Wasi(store, WasiConfig.EMPTY).addToLinker(linker);
            String wat = """
                    (module
                      (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
                      (memory (export "memory") 1)
                      (func (export "_initialize") (call $exit (i32.const 7))))""";
            assertEquals(7, assertThrows(ExitException.class, () -> Wasm.module(linker, "", wat)).status());
        }
    }
}
