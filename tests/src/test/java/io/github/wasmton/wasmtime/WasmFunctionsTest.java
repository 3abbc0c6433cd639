package io.github.wasmton.wasmtime;

import static io.github.wasmton.wasmtime.WasmValType.F32;
import static io.github.wasmton.wasmtime.WasmValType.F64;
import static io.github.wasmton.wasmtime.WasmValType.I32;
import static io.github.wasmton.wasmtime.WasmValType.I64;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import io.github.wasmton.testing.StoreAndLinker;
import io.github.wasmton.testing.Wasm;

class WasmFunctionsTest extends StoreAndLinker {
    private Func wasm(String function) {
        return Wasm.instantiate(store, "(module " + function + ")").getFunc("f");
    }

    /** Returns the function as wasm sees it: imported by a module, which calls it from a function of the same type. */
    private Func throughWasm(Func host, String params, String result) {
        StringBuilder arguments = new StringBuilder();
        for (int i = 0; i < params.split(" ").length && !params.isEmpty(); i++) {
            arguments.append(" (local.get ").append(i).append(')');
        }
        String type = (params.isEmpty() ? "" : " (param " + params + ")")
                + (result.isEmpty() ? "" : " (result " + result + ")");
        try (Linker own = new Linker(store)) {
            own.define("host", "f", Extern.fromFunc(host));
            return Wasm.instantiate(own, "(module (import \"host\" \"f\" (func $f" + type + ")) (func (export \"f\")"
                    + type + " (call $f" + arguments + ")))").getFunc("f");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, -1, 42, Integer.MIN_VALUE, Integer.MAX_VALUE})
    void i32PassesUnchanged(int value) {
        List<Integer> seen = new ArrayList<>();
        Func host = WasmFunctions.wrap(store, I32, I32, n -> {
            seen.add(n);
            return n;
        });
        assertEquals(value, WasmFunctions.func(throughWasm(host, "i32", "i32"), I32, I32).call(value));
        assertEquals(List.of(value), seen);
        assertEquals(value + 1, WasmFunctions.func(wasm("(func (export \"f\") (param i32) (result i32)"
                + " (i32.add (local.get 0) (i32.const 1)))"), I32, I32).call(value));
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, -1, 1L << 32, Long.MIN_VALUE, Long.MAX_VALUE})
    void i64PassesUnchanged(long value) {
        List<Long> seen = new ArrayList<>();
        Func host = WasmFunctions.wrap(store, I64, I64, n -> {
            seen.add(n);
            return n;
        });
        assertEquals(value, WasmFunctions.func(throughWasm(host, "i64", "i64"), I64, I64).call(value));
        assertEquals(List.of(value), seen);
    }

    @Test
    void f32PassesBitForBit() {
        List<Integer> seen = new ArrayList<>();
        Func host = WasmFunctions.wrap(store, F32, F32, x -> {
            seen.add(Float.floatToRawIntBits(x));
            return x;
        });
        var f = WasmFunctions.func(throughWasm(host, "f32", "f32"), F32, F32);
        // The last is a NaN with a payload.
        int[] values = {0, 0x8000_0000, 0x3f80_0000, 0x7f80_0000, 0xff80_0000, 1, 0x7f7f_ffff, 0x7fc1_2345};
        for (int bits : values) {
            assertEquals(bits, Float.floatToRawIntBits(f.call(Float.intBitsToFloat(bits))));
            assertEquals(bits, seen.get(seen.size() - 1));
        }
    }

    @Test
    void f64PassesBitForBit() {
        List<Long> seen = new ArrayList<>();
        Func host = WasmFunctions.wrap(store, F64, F64, x -> {
            seen.add(Double.doubleToRawLongBits(x));
            return x;
        });
        var f = WasmFunctions.func(throughWasm(host, "f64", "f64"), F64, F64);
        long[] values = {0, Long.MIN_VALUE, 0x3ff0_0000_0000_0000L, 0x7ff0_0000_0000_0000L, 1, 0x7ff8_1234_5678_9abcL};
        for (long bits : values) {
            assertEquals(bits, Double.doubleToRawLongBits(f.call(Double.longBitsToDouble(bits))));
            assertEquals(bits, seen.get(seen.size() - 1));
        }
    }

    @Test
    void functionsOfZeroToFourParametersReturnTheirResult() {
        assertEquals(5, WasmFunctions.func(throughWasm(WasmFunctions.wrap(store, I32, () -> 5), "", "i32"), I32)
                .call());
        assertEquals(-1L, WasmFunctions.func(throughWasm(WasmFunctions.wrap(store, I32, I64, a -> (long) a), "i32",
                "i64"), I32, I64).call(-1));
        assertEquals(1.5, WasmFunctions.func(throughWasm(WasmFunctions.wrap(store, I32, F32, F64,
                (a, b) -> (double) (a + b)), "i32 f32", "f64"), I32, F32, F64).call(1, 0.5f));
        assertEquals(6f, WasmFunctions.func(throughWasm(WasmFunctions.wrap(store, I64, F64, I32, F32,
                (a, b, c) -> (float) (a + b + c)), "i64 f64 i32", "f32"), I64, F64, I32, F32).call(1L, 2.0, 3));
        assertEquals(4321L, WasmFunctions.func(throughWasm(WasmFunctions.wrap(store, I32, I64, F32, F64, I64,
                (a, b, c, d) -> (long) (a + 10 * b + 100 * c + 1000 * d)), "i32 i64 f32 f64", "i64"),
                I32, I64, F32, F64, I64).call(1, 2L, 3f, 4.0));
    }

    @Test
    void consumersOfZeroToFourParametersGetTheirArguments() {
        List<Object> seen = new ArrayList<>();
        WasmFunctions.consumer(throughWasm(WasmFunctions.wrap(store, () -> {
            seen.add("nothing");
        }), "", "")).accept();
        WasmFunctions.consumer(throughWasm(WasmFunctions.wrap(store, I32, a -> {
            seen.add(a);
        }), "i32", ""), I32).accept(1);
        WasmFunctions.consumer(throughWasm(WasmFunctions.wrap(store, I64, F32, (a, b) -> {
            seen.addAll(List.of(a, b));
        }), "i64 f32", ""), I64, F32).accept(2L, 3f);
        WasmFunctions.consumer(throughWasm(WasmFunctions.wrap(store, F64, F32, I32, (a, b, c) -> {
            seen.addAll(List.of(a, b, c));
        }), "f64 f32 i32", ""), F64, F32, I32).accept(4.0, 5f, 6);
        WasmFunctions.consumer(throughWasm(WasmFunctions.wrap(store, I32, I64, F32, F64, (a, b, c, d) -> {
            seen.addAll(List.of(a, b, c, d));
        }), "i32 i64 f32 f64", ""), I32, I64, F32, F64).accept(7, 8L, 9f, 10.0);
        assertEquals(List.of("nothing", 1, 2L, 3f, 4.0, 5f, 6, 7, 8L, 9f, 10.0), seen);
    }

    @Test
    void rejectsTypesThatTheFunctionDoesNotHave() {
        Func add = wasm("(func (export \"f\") (param i32 i64) (result f32) (f32.const 0))");
        assertEquals("the function is (i32 i64) -> (f32), not (i32 i64) -> (f64)",
                assertThrows(IllegalArgumentException.class, () -> WasmFunctions.func(add, I32, I64, F64))
                        .getMessage());
        assertThrows(IllegalArgumentException.class, () -> WasmFunctions.func(add, I64, I32, F32));
        assertThrows(IllegalArgumentException.class, () -> WasmFunctions.func(add, F32));
        assertThrows(IllegalArgumentException.class, () -> WasmFunctions.func(add, I32, F32));
        assertThrows(IllegalArgumentException.class, () -> WasmFunctions.func(add, I32, I64, I32, F32));
        assertThrows(IllegalArgumentException.class, () -> WasmFunctions.func(add, I32, I64, I32, I32, F32));
        assertThrows(IllegalArgumentException.class, () -> WasmFunctions.consumer(add));
        assertThrows(IllegalArgumentException.class, () -> WasmFunctions.consumer(add, I32));
        assertEquals("the function is (i32 i64) -> (f32), not (i32 i64) -> ()",
                assertThrows(IllegalArgumentException.class, () -> WasmFunctions.consumer(add, I32, I64))
                        .getMessage());
        assertThrows(IllegalArgumentException.class, () -> WasmFunctions.consumer(add, I32, I64, F32));
        assertThrows(IllegalArgumentException.class, () -> WasmFunctions.consumer(add, I32, I64, F32, F64));
        assertEquals(0f, WasmFunctions.func(add, I32, I64, F32).call(1, 2L));
    }

    @Test
    void unsupportedFunctionTypeIsDescribed() {
        Func five = wasm("(func (export \"f\") (param i32 i32 i32 i32 i32))");
        Func two = wasm("(func (export \"f\") (result i32 i64) (i32.const 1) (i64.const 2))");
        Func other = wasm("(func (export \"f\") (param v128 funcref))");
        assertEquals("the function is (i32 i32 i32 i32 i32) -> (), not () -> ()",
                assertThrows(IllegalArgumentException.class, () -> WasmFunctions.consumer(five)).getMessage());
        assertEquals("the function is () -> (i32 i64), not () -> (i32)",
                assertThrows(IllegalArgumentException.class, () -> WasmFunctions.func(two, I32)).getMessage());
        assertEquals("the function is (v128 funcref) -> (), not () -> ()",
                assertThrows(IllegalArgumentException.class, () -> WasmFunctions.consumer(other)).getMessage());
    }

    @Test
    void nullForANumberIsANullPointerException() {
        Func add = wasm("(func (export \"f\") (param i32) (result i32) (local.get 0))");
        assertThrows(NullPointerException.class, () -> WasmFunctions.func(add, I32, I32).call(null));
        Func host = WasmFunctions.wrap(store, I32, () -> null);
        assertThrows(NullPointerException.class,
                () -> WasmFunctions.func(throughWasm(host, "", "i32"), I32).call());
        assertEquals(3, WasmFunctions.func(add, I32, I32).call(3), "the Store goes on");
    }

    @Test
    void wrongClassPastGenericsIsAClassCastException() {
        Func host = WasmFunctions.wrap(store, I32, WasmFunctionsTest::<Integer>aString);
        assertThrows(ClassCastException.class, () -> WasmFunctions.func(throughWasm(host, "", "i32"), I32).call());
    }

    @SuppressWarnings("unchecked")
    private static <T> T aString() {
        return (T) "no number";
    }

    @Test
    void functionServesManyCalls() {
        var add = WasmFunctions.func(wasm("(func (export \"f\") (param i32 i32) (result i32)"
                + " (i32.add (local.get 0) (local.get 1)))"), I32, I32, I32);
        int sum = 0;
        for (int i = 0; i < 100_000; i++) {
            sum = add.call(sum, 2);
        }
        assertEquals(200_000, sum);
    }

    @Test
    void trapIsNamedAndLeavesTheStoreUsable() {
        Func divide = wasm("(func $divide (export \"f\") (param i32 i32) (result i32)"
                + " (i32.div_s (local.get 0) (local.get 1)))");
        var f = WasmFunctions.func(divide, I32, I32, I32);
        TrapException e = assertThrows(TrapException.class, () -> f.call(1, 0));
        assertEquals(TrapCode.INTEGER_DIVISION_BY_ZERO, e.code());
        assertTrue(e.backtrace().contains("divide"), e.backtrace());
        assertEquals(3, f.call(7, 2));
    }
}
