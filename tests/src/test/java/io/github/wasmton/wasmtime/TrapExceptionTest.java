package io.github.wasmton.wasmtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import io.github.wasmton.testing.Wasm;

class TrapExceptionTest {
    private static final String TRAPS = """
            (module
              (memory 1)
              (table 2 funcref)
              (elem (i32.const 1) $typed)
              (func $typed (param i32))
              (func (export "STACK_OVERFLOW") (call $down))
              (func $down (call $down))
              (func (export "MEMORY_OUT_OF_BOUNDS") (drop (i32.load (i32.const 65533))))
              (func (export "TABLE_OUT_OF_BOUNDS") (call_indirect (i32.const 2)))
              (func (export "INDIRECT_CALL_TO_NULL") (call_indirect (i32.const 0)))
              (func (export "BAD_SIGNATURE") (call_indirect (i32.const 1)))
              (func (export "INTEGER_OVERFLOW") (drop (i32.div_s (i32.const 0x80000000) (i32.const -1))))
              (func (export "INTEGER_DIVISION_BY_ZERO") (drop (i64.rem_u (i64.const 1) (i64.const 0))))
              (func (export "BAD_CONVERSION_TO_INTEGER") (drop (i32.trunc_f32_s (f32.const nan))))
              (func (export "UNREACHABLE_CODE_REACHED") unreachable))""";

    @ParameterizedTest
    @CsvSource({
        "STACK_OVERFLOW, call stack exhausted",
        "MEMORY_OUT_OF_BOUNDS, out of bounds memory access",
        "TABLE_OUT_OF_BOUNDS, undefined element: out of bounds table access",
        "INDIRECT_CALL_TO_NULL, uninitialized element",
        "BAD_SIGNATURE, indirect call type mismatch",
        "INTEGER_OVERFLOW, integer overflow",
        "INTEGER_DIVISION_BY_ZERO, integer divide by zero",
        "BAD_CONVERSION_TO_INTEGER, invalid conversion to integer",
        "UNREACHABLE_CODE_REACHED, wasm `unreachable` instruction executed",
    })
    void aTrapKeepsItsCodeAndItsMessage(TrapCode code, String message) {
        for (boolean signals : new boolean[] {true, false}) {
            try (Engine engine = new Engine(new Config().signalsBasedTraps(signals)); Store store = new Store(engine)) {
                var call = WasmFunctions.consumer(Wasm.instantiate(store, TRAPS).getFunc(code.name()));
                for (int i = 0; i < 3; i++) {
                    TrapException e = assertThrows(TrapException.class, call::accept);
                    assertEquals(code, e.code(), "signals: " + signals);
                    assertTrue(e.getMessage().contains(message), e.getMessage());
                }
            }
        }
    }

    @Test
    void backtraceHasTheInnermostFrameFirst() {
        try (Store store = new Store()) {
            var call = WasmFunctions.consumer(Wasm.instantiate(store, """
                    (module
                      (func $outermost (export "f") (call $middle))
                      (func $middle (call $innermost))
                      (func $innermost unreachable))""").getFunc("f"));
            TrapException e = assertThrows(TrapException.class, call::accept);
            String[] frames = e.backtrace().split("\n");
            assertEquals(3, frames.length, e.backtrace());
            assertTrue(frames[0].contains("innermost"), e.backtrace());
            assertTrue(frames[1].contains("middle"), e.backtrace());
            assertTrue(frames[2].contains("outermost"), e.backtrace());
            assertTrue(!e.getMessage().contains("middle"), "the frames are told once: " + e.getMessage());
        }
    }

    @Test
    void deepBacktraceIsBounded() {
        try (Store store = new Store()) {
            var call = WasmFunctions.consumer(Wasm.instantiate(store, TRAPS).getFunc("STACK_OVERFLOW"));
            TrapException e = assertThrows(TrapException.class, call::accept);
            assertTrue(e.backtrace().length() > 0 && e.backtrace().length() < 1_000_000,
                    e.backtrace().length() + " characters");
        }
    }

    @Test
    void backtraceContainsNamesOfAnyText() {
        try (Store store = new Store()) {
            var call = WasmFunctions.consumer(Wasm.instantiate(store,
                    "(module (func $\"\u4e16 \ud83d\ude00\" (export \"f\") unreachable))").getFunc("f"));
            String backtrace = assertThrows(TrapException.class, call::accept).backtrace();
            assertTrue(backtrace.contains("\u4e16 \ud83d\ude00"), backtrace);
        }
    }

    @Test
    void isAWasmtimeExceptionWithItsCallersJavaFrames() {
        try (Store store = new Store()) {
            var call = WasmFunctions.consumer(Wasm.instantiate(store, TRAPS).getFunc("UNREACHABLE_CODE_REACHED"));
            Exception e = assertThrows(TrapException.class, call::accept);
            assertInstanceOf(WasmtimeException.class, e);
            assertTrue(java.util.Arrays.stream(e.getStackTrace())
                    .anyMatch(frame -> frame.getClassName().equals(TrapExceptionTest.class.getName())));
        }
    }
}
