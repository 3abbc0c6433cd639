package io.github.wasmton.wasmtime;

import static io.github.wasmton.wasmtime.WasmValType.EXTERNREF;
import static io.github.wasmton.wasmtime.WasmValType.FUNCREF;
import static io.github.wasmton.wasmtime.WasmValType.I32;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.OptionalLong;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TableTest {
    private final Store store = new Store();

    @AfterEach
    void close() {
        store.close();
    }

    @Test
    void wasmCallsFunctionsThatJavaPutIntoATable() {
        Table table = new Table(store, new TableType(FUNCREF, 2), null);
        table.set(1, WasmFunctions.wrap(store, I32, I32, n -> n * n));
        try (Engine engine = store.engine(); Linker linker = new Linker(store);
             Module module = Module.fromWat(engine, """
                (module (import "" "table" (table 2 funcref)) (type $t (func (param i32) (result i32)))
                  (func (export "f") (param i32) (result i32)
                    local.get 0 i32.const 1 call_indirect (type $t)))""")) {
            linker.define("", "table", Extern.fromTable(table));
            assertEquals(49, WasmFunctions.func(linker.instantiate(module).getFunc("f"), I32, I32).call(7));
        }
    }

    @Test
    void elementsMayBeAnyObjects() {
        Object object = new Object();
        Table table = new Table(store, new TableType(EXTERNREF, 3, 5), object);
        assertSame(object, table.get(2));
        table.set(0, "first");
        table.fill(1, 2, null);
        assertNull(table.get(1));
        assertEquals(3, table.grow(2, 7L));
        assertEquals(5, table.size());
        assertEquals(7L, table.get(4));
        assertEquals(-1, table.grow(1, null));
        table.copyTo(3, table, 0, 2);
        assertEquals(7L, table.get(0));
        assertEquals(new TableType(EXTERNREF, 3, OptionalLong.of(5), false).element(), table.type().element());
    }

    @Test
    void rejectsIndicesOutOfBoundsAndWrongElements() {
        Table table = new Table(store, new TableType(FUNCREF, 2), null);
        for (long at : new long[] {2, -1, Long.MAX_VALUE, Long.MIN_VALUE}) {
            assertThrows(IndexOutOfBoundsException.class, () -> table.get(at));
            assertThrows(IndexOutOfBoundsException.class, () -> table.set(at, null));
            assertThrows(IndexOutOfBoundsException.class, () -> table.fill(at, 1, null));
            assertThrows(IndexOutOfBoundsException.class, () -> table.copyTo(0, table, at, 1));
        }
        assertThrows(IndexOutOfBoundsException.class, () -> table.fill(1, Long.MAX_VALUE, null));
        assertThrows(IllegalArgumentException.class, () -> table.set(0, "no function"));
        assertThrows(IllegalArgumentException.class, () -> table.grow(-1, null));
        assertThrows(IllegalArgumentException.class, () -> new TableType(I32, 1));
        assertThrows(IllegalArgumentException.class, () -> new TableType(FUNCREF, 2, 1));
        assertThrows(IllegalArgumentException.class, () -> new Table(store, new TableType(FUNCREF, 1L << 40), null));
        Table objects = new Table(store, new TableType(EXTERNREF, 2), null);
        assertThrows(WasmtimeException.class, () -> table.copyTo(0, objects, 0, 1));
        try (Store other = new Store()) {
            Table foreign = new Table(other, new TableType(FUNCREF, 1), null);
            assertThrows(IllegalArgumentException.class, () -> table.copyTo(0, foreign, 0, 1));
            assertThrows(IllegalArgumentException.class, () -> table.set(0, WasmFunctions.wrap(other, () -> {})));
        }
        store.close();
        assertThrows(IllegalStateException.class, table::size);
    }

    @Test
    void tablesCanBeAddressedBy64Bits() {
        Table table = new Table(store, new TableType(FUNCREF, 1, OptionalLong.of(1L << 40), true), null);
        assertEquals(new TableType(FUNCREF, 1, OptionalLong.of(1L << 40), true), table.type());
    }
}
