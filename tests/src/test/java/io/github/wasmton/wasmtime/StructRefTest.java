package io.github.wasmton.wasmtime;

import static io.github.wasmton.wasmtime.WasmValType.ANYREF;
import static io.github.wasmton.wasmtime.WasmValType.EXTERNREF;
import static io.github.wasmton.wasmtime.WasmValType.F32;
import static io.github.wasmton.wasmtime.WasmValType.F64;
import static io.github.wasmton.wasmtime.WasmValType.FUNCREF;
import static io.github.wasmton.wasmtime.WasmValType.I32;
import static io.github.wasmton.wasmtime.WasmValType.I64;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import io.github.wasmton.testing.Wasm;

class StructRefTest {
    /** Its types are in one group, so Java cannot make them: only name them. */
    private static final String LISTS = """
            (module
              (rec
                (type $list (struct (field $head i32) (field $tail (mut (ref null $list)))))
                (type $marker (struct)))
              (func (export "cons") (param i32 (ref null $list)) (result (ref $list))
                (struct.new $list (local.get 0) (local.get 1)))
              (func (export "sum") (param $list (ref null $list)) (result i32)
                (local $sum i32)
                (block $end
                  (loop $again
                    (br_if $end (ref.is_null (local.get $list)))
                    (local.set $sum (i32.add (local.get $sum) (struct.get $list $head (local.get $list))))
                    (local.set $list (struct.get $list $tail (local.get $list)))
                    (br $again)))
                (local.get $sum)))""";

    private final Engine engine = new Engine();
    private final Store store = new Store(engine);

    @AfterEach
    void close() {
        store.close();
        engine.close();
    }

    private StructType type(WasmValType<?>... fields) {
        return new StructType(engine, Arrays.stream(fields).map(it -> new FieldType(it, true)).toList());
    }

    @Test
    void fieldsOfEveryTypeSurviveTheWayThereAndBack() {
        Func func = new Func(store, new FuncType(List.of(), List.of()), (caller, args) -> null);
        Object object = new Object();
        StructType type = type(I32, I64, F32, F64, WasmValType.V128, FUNCREF, EXTERNREF, ANYREF);
        Object[] values = {-1, Long.MIN_VALUE, 1.5f, -0.0, new V128(1, -2), func, object, new I31(-3)};
        StructRef struct = new StructRef(store, type, values);
        assertEquals(List.of(values), struct.fields());
        assertSame(object, struct.field(6));
        struct.setField(6, null);
        struct.setField(7, struct);
        assertNull(struct.field(6));
        assertTrue(struct.refEq((StructRef) struct.field(7)));
        assertSame(type, struct.type());
    }

    @Test
    void smallIntegersAreCutAndReadWithoutASign() {
        StructType type = new StructType(engine, new FieldType(PackedType.I8, true),
                new FieldType(PackedType.I16, true));
        StructRef struct = new StructRef(store, type, -1, 0x12345);
        assertEquals(List.of(255, 0x2345), struct.fields());
        struct.setField(0, 256);
        assertEquals(0, struct.field(0));
    }

    @Test
    void wasmReadsWhatJavaMadeAndJavaWhatWasmMade() {
        Instance lists = Wasm.instantiate(store, LISTS);
        Func cons = lists.getFunc("cons");
        StructType list = StructType.of(cons.type().params().get(1));
        StructRef last = (StructRef) cons.call(1, null)[0];
        StructRef middle = new StructRef(store, list, 20, last);
        StructRef first = (StructRef) cons.call(300, middle)[0];
        assertEquals(321, lists.getFunc("sum").call(first)[0]);
        assertEquals(list, first.type());
        assertEquals(1, ((StructRef) middle.field(1)).field(0));
        middle.setField(1, null);
        assertEquals(320, lists.getFunc("sum").call(first)[0]);
        assertEquals(320, WasmFunctions.func(lists.getFunc("sum"), WasmValType.STRUCTREF, I32).call(first));
    }

    @Test
    void hostFunctionsTakeAndReturnStructsOfTheModulesOwnTypes() {
        String guest = """
                (module
                  (rec (type $p (struct (field (mut i32)))) (type $other (struct)))
                  (import "host" "twice" (func $twice (param (ref $p)) (result (ref $p))))
                  (func (export "f") (param i32) (result i32)
                    (struct.get $p 0 (call $twice (struct.new $p (local.get 0))))))""";
        try (Module module = Module.fromWat(engine, guest); Linker linker = new Linker(store)) {
            FuncType type = (FuncType) module.imports().get(0).type();
            linker.define("host", "twice", new HostFunc(type, (caller, args) -> {
                StructRef struct = (StructRef) args[0];
                int value = (Integer) struct.field(0);
                return new Object[] {value < 0 ? null
                        : new StructRef(caller.store(), StructType.of(type.results().get(0)), 2 * value)};
            }));
            Func f = linker.instantiate(module).getFunc("f");
            assertEquals(42, f.call(21)[0]);
            assertThrows(IllegalArgumentException.class, () -> f.call(-1), "null is no (ref $p)");
        }
    }

    @Test
    void everyMisuseIsAnException() {
        StructType type = new StructType(engine, new FieldType(I32, false), new FieldType(ANYREF, true));
        StructRef struct = new StructRef(store, type, 1, null);
        for (int index : new int[] {-1, 2, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
            assertThrows(IndexOutOfBoundsException.class, () -> struct.field(index));
            assertThrows(IndexOutOfBoundsException.class, () -> struct.setField(index, 1));
        }
        assertThrows(WasmtimeException.class, () -> struct.setField(0, 2), "not mutable");
        assertThrows(IllegalArgumentException.class, () -> struct.setField(1, "a"));
        assertThrows(IllegalArgumentException.class, () -> new StructRef(store, type, 1));
        assertThrows(IllegalArgumentException.class, () -> new StructRef(store, type, 1L, null));
        StructType exact = type(type.refNull());
        StructRef other = new StructRef(store, type(I64), 1L);
        assertEquals("the reference is of the type",
                assertThrows(IllegalArgumentException.class, () -> new StructRef(store, exact, other)).getMessage()
                        .substring(0, 28));
        assertThrows(IllegalArgumentException.class, () -> new StructRef(store, type(type.ref()), (Object) null));
        new StructRef(store, exact, struct);
    }

    @Test
    void everythingOfAnotherStoreOrEngineIsRejected() {
        StructType type = type(ANYREF);
        StructRef struct = new StructRef(store, type, new I31(1));
        try (Store second = new Store(engine); Engine otherEngine = new Engine();
             Store foreign = new Store(otherEngine)) {
            assertThrows(IllegalArgumentException.class, () -> new StructRef(second, type, struct));
            StructRef ofSecond = new StructRef(second, type, (Object) null);
            assertThrows(IllegalArgumentException.class, () -> struct.setField(0, ofSecond));
            assertThrows(IllegalArgumentException.class, () -> struct.refEq(ofSecond));
            assertThrows(IllegalArgumentException.class, () -> new StructRef(foreign, type, (Object) null));
            assertThrows(IllegalArgumentException.class,
                    () -> new StructType(otherEngine, new FieldType(type.ref(), true)));
            assertThrows(IllegalArgumentException.class,
                    () -> new Global(foreign, new GlobalType(type.refNull(), true), null));
            assertThrows(IllegalArgumentException.class,
                    () -> new Func(foreign, new FuncType(List.of(type.ref()), List.of()), (caller, args) -> null));
        }
        struct.setField(0, null);
    }
}
