package io.github.wasmton.wasmtime;

import static io.github.wasmton.wasmtime.WasmValType.EXTERNREF;
import static io.github.wasmton.wasmtime.WasmValType.F32;
import static io.github.wasmton.wasmtime.WasmValType.F64;
import static io.github.wasmton.wasmtime.WasmValType.FUNCREF;
import static io.github.wasmton.wasmtime.WasmValType.I32;
import static io.github.wasmton.wasmtime.WasmValType.I64;
import static io.github.wasmton.wasmtime.WasmValType.V128;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Functions of any type: {@link Func#call} and {@link Func#Func(Store, FuncType, Func.Callback)}. */
class FuncCallTest {
    private final Store store = new Store();

    @AfterEach
    void close() {
        store.close();
    }

    private Instance instantiate(String wat) {
        try (Engine engine = store.engine(); Module module = Module.fromWat(engine, wat);
             Linker linker = new Linker(store)) {
            return linker.instantiate(module);
        }
    }

    private Func export(String wat) {
        return instantiate(wat).getFunc("f");
    }

    @Test
    void valuesOfEveryTypePassThrough() {
        Func swap = export("""
                (module (func (export "f") (param i32 i64 f32 f64 v128 funcref externref)
                    (result externref funcref v128 f64 f32 i64 i32)
                  local.get 6 local.get 5 local.get 4 local.get 3 local.get 2 local.get 1 local.get 0))""");
        assertEquals(new FuncType(List.of(I32, I64, F32, F64, V128, FUNCREF, EXTERNREF),
                List.of(EXTERNREF, FUNCREF, V128, F64, F32, I64, I32)), swap.type());
        Object object = new Object();
        V128 vector = new V128(-1, 42);
        Object[] results = swap.call(-7, Long.MIN_VALUE, -0.0f, Math.PI, vector, swap, object);
        assertArrayEquals(new Object[] {object, swap, vector, Math.PI, -0.0f, Long.MIN_VALUE, -7}, results);
        assertSame(object, results[0]);
        results = swap.call(0, 0L, Float.NaN, Double.NEGATIVE_INFINITY, vector, null, null);
        assertArrayEquals(new Object[] {null, null, vector, Double.NEGATIVE_INFINITY, Float.NaN, 0L, 0}, results);
    }

    @Test
    void functionsWithoutParametersAndResultsWork() {
        assertEquals(0, export("(module (func (export \"f\")))").call().length);
    }

    @Test
    void rejectsArgumentsOfAnotherTypeByName() {
        Func func = export("(module (func (export \"f\") (param i32 funcref)))");
        assertEquals("argument 0 is of the class java.lang.Long, but i32 takes java.lang.Integer",
                assertThrows(IllegalArgumentException.class, () -> func.call(1L, null)).getMessage());
        assertEquals("argument 0 is null, but i32 takes java.lang.Integer",
                assertThrows(IllegalArgumentException.class, () -> func.call(null, null)).getMessage());
        assertEquals("needs 2 arguments, not 1",
                assertThrows(IllegalArgumentException.class, () -> func.call(1)).getMessage());
        try (Store other = new Store()) {
            Func foreign = new Func(other, new FuncType(List.of(), List.of()), (caller, args) -> null);
            assertThrows(IllegalArgumentException.class, () -> func.call(1, foreign));
        }
    }

    @Test
    void rejectsReferencesThatOnlyWasmCanUse() {
        Func func = export("(module (tag $t) (func (export \"f\") (result exnref) (block $caught (result exnref)"
                + " (try_table (catch_all_ref $caught) (throw $t)) unreachable)))");
        assertEquals(List.of(WasmValType.OTHER_REF), func.type().results().stream().map(WasmValType::kind).toList());
        String message = assertThrows(IllegalArgumentException.class, func::call).getMessage();
        assertTrue(message.startsWith("Java has no values of the wasm type "), message);
    }

    @Test
    void typesHaveWordsAndNoNumbers() {
        Func func = export("(module (type $t (array (mut i8))) (type $s (struct (field i32) (field (ref $t))))"
                + " (func (export \"f\") (param (ref null $s) (ref extern) (ref $t) eqref)))");
        assertEquals("((ref null (struct (field i32) (field (ref (array (mut i8)))))) (ref extern)"
                + " (ref (array (mut i8))) eqref) -> ()", func.type().toString());
    }

    @Test
    void hostFunctionsTakeAndReturnEveryType() {
        List<WasmValType<?>> types = List.of(I32, I64, F32, F64, V128, FUNCREF, EXTERNREF);
        Func echo = new Func(store, new FuncType(types, types), (caller, args) -> args);
        try (Engine engine = store.engine(); Linker linker = new Linker(store);
             Module module = Module.fromWat(engine, """
                (module
                  (import "" "echo" (func $echo (param i32 i64 f32 f64 v128 funcref externref)
                                                (result i32 i64 f32 f64 v128 funcref externref)))
                  (export "f" (func $echo)))""")) {
            linker.define("", "echo", Extern.fromFunc(echo));
            Func func = linker.instantiate(module).getFunc("f");
            Object[] values = {1, 2L, 3f, 4.0, new V128(5, 6), echo, "seven"};
            assertArrayEquals(values, func.call(values));
        }
    }

    @Test
    void wrongResultOfAHostFunctionFailsTheCall() {
        FuncType type = new FuncType(List.of(), List.of(I32, I32));
        assertEquals("needs 2 results, not 0", assertThrows(IllegalArgumentException.class,
                () -> new Func(store, type, (caller, args) -> null).call()).getMessage());
        assertEquals("result 1 is of the class java.lang.String, but i32 takes java.lang.Integer",
                assertThrows(IllegalArgumentException.class,
                        () -> new Func(store, type, (caller, args) -> new Object[] {1, "2"}).call()).getMessage());
    }

    @Test
    void exceptionOfAHostFunctionStaysTheSameObject() {
        Exception thrown = new Exception("checked or not");
        Func func = new Func(store, new FuncType(List.of(EXTERNREF), List.of()), (caller, args) -> {
            throw FuncCallTest.<RuntimeException>as(thrown);
        });
        assertSame(thrown, assertThrows(Exception.class, () -> func.call("x")));
    }

    @SuppressWarnings("unchecked")
    private static <E extends Throwable> E as(Throwable e) throws E {
        throw (E) e;
    }

    @Test
    void manyParametersAndResultsPassThrough() {
        StringBuilder wat = new StringBuilder("(module (func (export \"f\") (param");
        wat.append(" i64".repeat(40)).append(") (result").append(" i64".repeat(40)).append(")");
        Object[] args = new Object[40];
        for (int i = 0; i < 40; i++) {
            wat.append(" local.get ").append(39 - i);
            args[i] = (long) i;
        }
        Object[] results = export(wat.append("))").toString()).call(args);
        assertEquals(39L, results[0]);
        assertEquals(0L, results[39]);
    }

    @Test
    void equalityDependsOnTheFunctionOnly() {
        Instance instance = instantiate("""
                (module (table (export "t") 1 funcref) (elem (i32.const 0) $f)
                  (func $f (export "f") (result funcref) ref.func $f))""");
        Func func = instance.getFunc("f");
        assertEquals(func, func.call()[0]);
        assertEquals(func, instance.getExport("t").orElseThrow().table().get(0));
        assertEquals(func.hashCode(), func.call()[0].hashCode());
        assertTrue(!func.equals(new Func(store, func.type(), (caller, args) -> args)));
        assertNull(new Table(store, new TableType(FUNCREF, 1), null).get(0));
    }
}
