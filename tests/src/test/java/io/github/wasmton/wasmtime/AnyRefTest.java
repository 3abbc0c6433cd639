package io.github.wasmton.wasmtime;

import static io.github.wasmton.wasmtime.WasmValType.ANYREF;
import static io.github.wasmton.wasmtime.WasmValType.ARRAYREF;
import static io.github.wasmton.wasmtime.WasmValType.EQREF;
import static io.github.wasmton.wasmtime.WasmValType.EXTERNREF;
import static io.github.wasmton.wasmtime.WasmValType.I31REF;
import static io.github.wasmton.wasmtime.WasmValType.I32;
import static io.github.wasmton.wasmtime.WasmValType.STRUCTREF;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.List;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import io.github.wasmton.testing.Wasm;

/** The ways of all kinds of references: calls, host functions, globals, tables, conversions. */
class AnyRefTest {
    private static final String GUEST = """
            (module
              (type $box (struct (field i32)))
              (type $list (array i32))
              (func (export "echo") (param anyref) (result anyref) (local.get 0))
              (func (export "eq") (param eqref eqref) (result i32) (ref.eq (local.get 0) (local.get 1)))
              (func (export "kind") (param anyref) (result i32)
                (if (ref.is_null (local.get 0)) (then (return (i32.const 0))))
                (if (ref.test (ref i31) (local.get 0)) (then (return (i32.const 1))))
                (if (ref.test (ref struct) (local.get 0)) (then (return (i32.const 2))))
                (if (ref.test (ref array) (local.get 0)) (then (return (i32.const 3))))
                (i32.const 4))
              (func (export "box") (param i32) (result structref) (struct.new $box (local.get 0)))
              (func (export "list") (param i32) (result arrayref) (array.new_fixed $list 1 (local.get 0)))
              (func (export "i31") (param i32) (result i31ref) (ref.i31 (local.get 0)))
              (func (export "unsigned") (param i31ref) (result i32) (i31.get_u (local.get 0)))
              (func (export "extern") (param anyref) (result externref) (extern.convert_any (local.get 0)))
              (func (export "any") (param externref) (result anyref) (any.convert_extern (local.get 0)))
              (global (export "global") (mut eqref) (ref.null eq))
              (table (export "table") 2 anyref))""";

    private final Engine engine = new Engine();
    private final Store store = new Store(engine);
    private final Instance guest = Wasm.instantiate(store, GUEST);

    @AfterEach
    void close() {
        store.close();
        engine.close();
    }

    private Object call(String name, Object... args) {
        return guest.getFunc(name).call(args)[0];
    }

    @Test
    void wasmKnowsTheKindOfEveryReference() {
        Object[] references = {null, new I31(-5), call("box", 1), call("list", 1), new HostRef("object")};
        for (int kind = 0; kind < references.length; kind++) {
            assertEquals(kind, call("kind", references[kind]));
            Object back = call("echo", references[kind]);
            if (references[kind] instanceof GcRef reference) {
                assertTrue(reference.refEq((GcRef) back));
            } else {
                assertEquals(references[kind], back);
            }
        }
    }

    @Test
    void integersOf31BitsAreExact() {
        for (int value : new int[] {0, -1, I31.MIN_VALUE, I31.MAX_VALUE}) {
            assertEquals(new I31(value), call("i31", value));
            assertEquals(new I31(value).unsigned(), call("unsigned", new I31(value)));
        }
        assertEquals(I31.wrapping(1 << 30), call("i31", 1 << 30));
        assertEquals(new I31(I31.MIN_VALUE), I31.wrapping(1 << 30));
        assertEquals(Integer.MAX_VALUE, new I31(-1).unsigned());
        assertThrows(IllegalArgumentException.class, () -> new I31(1 << 30));
        assertThrows(IllegalArgumentException.class, () -> new I31(-(1 << 30) - 1));
        assertEquals(1, call("eq", new I31(7), new I31(7)));
        assertEquals(0, call("eq", call("box", 7), call("box", 7)));
    }

    @Test
    void conversionsKeepTheObject() {
        Object object = new Object();
        assertSame(object, ((HostRef) call("any", object)).object());
        assertSame(object, call("extern", new HostRef(object)));
        assertSame(object, ((HostRef) call("echo", call("any", object))).object());
        assertEquals(new I31(3), call("extern", new I31(3)));
        assertEquals(new I31(3), call("any", new I31(3)));
        StructRef box = (StructRef) call("box", 1);
        assertTrue(box.refEq((StructRef) call("extern", box)));
        assertTrue(box.refEq((StructRef) call("any", box)));
        assertNull(call("extern", (Object) null));
        assertNull(call("any", (Object) null));
        assertThrows(IllegalArgumentException.class, () -> new HostRef(box));
    }

    @Test
    void rejectsReferencesOfAnotherKind() {
        assertThrows(IllegalArgumentException.class, () -> call("echo", "text"));
        assertThrows(IllegalArgumentException.class, () -> call("eq", new HostRef("text"), null));
        assertThrows(IllegalArgumentException.class, () -> call("unsigned", call("box", 1)));
        assertThrows(TrapException.class, () -> call("unsigned", (Object) null));
    }

    @Test
    void globalsAndTablesHoldReferences() {
        Global global = guest.getExport("global").orElseThrow().global();
        assertEquals(EQREF, global.type().content());
        assertNull(global.get());
        StructRef box = (StructRef) call("box", 1);
        global.set(box);
        store.gc();
        assertTrue(box.refEq((StructRef) global.get()));
        assertThrows(IllegalArgumentException.class, () -> global.set(new HostRef("text")));
        Table table = guest.getExport("table").orElseThrow().table();
        table.set(0, new HostRef("text"));
        assertEquals(2, table.grow(1, box));
        assertEquals(new HostRef("text"), table.get(0));
        assertTrue(box.refEq((StructRef) table.get(2)));
        table.fill(0, 3, new I31(1));
        assertEquals(new I31(1), table.get(2));

        StructType type = box.type();
        Global own = new Global(store, new GlobalType(type.refNull(), true), box);
        assertTrue(box.refEq((StructRef) own.get()));
        assertEquals(type.refNull(), Extern.fromGlobal(own).type() instanceof GlobalType it ? it.content() : null);
        assertThrows(IllegalArgumentException.class, () -> new Global(store, new GlobalType(type.ref(), true), null));
        Table ownTable = new Table(store, new TableType(type.refNull(), 1), box);
        assertThrows(IllegalArgumentException.class, () -> ownTable.set(0, new StructRef(store,
                new StructType(engine, new FieldType(WasmValType.I64, false)), 1L)));
        assertTrue(box.refEq((StructRef) ownTable.get(0)));
    }

    @Test
    void hostFunctionsTakeAndReturnEveryKind() {
        List<WasmValType<?>> types = List.of(ANYREF, EQREF, I31REF, STRUCTREF, ARRAYREF);
        Func echo = new Func(store, new FuncType(types, types), (caller, args) -> args);
        StructRef box = (StructRef) call("box", 5);
        Object[] back = echo.call(new HostRef("a"), box, new I31(1), box, call("list", 1));
        assertEquals(new HostRef("a"), back[0]);
        assertTrue(box.refEq((StructRef) back[1]));
        assertEquals(5, ((StructRef) back[3]).field(0));
        assertEquals(1, ((ArrayRef) back[4]).get(0));
        Object[] nulls = echo.call(new Object[5]);
        for (Object value : nulls) {
            assertNull(value);
        }
        Func typed = WasmFunctions.wrap(store, EQREF, I31REF, value -> value instanceof I31 it ? it : null);
        assertEquals(new I31(4), WasmFunctions.func(typed, EQREF, I31REF).call(new I31(4)));
    }

    @Test
    void methodHandlesHaveTheClassesOfTheKinds() throws Throwable {
        MethodHandle box = WasmFunctions.handle(guest.getFunc("box"));
        assertEquals(MethodType.methodType(StructRef.class, int.class), box.type());
        StructRef struct = (StructRef) box.invokeExact(9);
        MethodHandle field = MethodHandles.lookup().findStatic(AnyRefTest.class, "firstField",
                MethodType.methodType(int.class, StructRef.class));
        Func wrapped = WasmFunctions.wrap(store, field);
        assertEquals(new FuncType(List.of(STRUCTREF), List.of(I32)), wrapped.type());
        assertEquals(9, wrapped.call(struct)[0]);
        MethodHandle any = MethodHandles.identity(AnyRef.class);
        assertEquals(new FuncType(List.of(ANYREF), List.of(ANYREF)), WasmFunctions.wrap(store, any).type());
        assertEquals(EXTERNREF, WasmFunctions.wrap(store, MethodHandles.identity(String.class)).type().params().get(0));
    }

    private static int firstField(StructRef struct) {
        return (Integer) struct.field(0);
    }
}
