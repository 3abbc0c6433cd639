package io.github.wasmton.wasmtime;

import static io.github.wasmton.wasmtime.WasmValType.I32;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.NoSuchElementException;
import java.util.Optional;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import io.github.wasmton.testing.Wasm;

class InstanceTest {
    private Store store;
    private Instance instance;

    @BeforeEach
    void instantiate() {
        store = new Store();
        instance = Wasm.instantiate(store, """
                (module
                  (memory (export "memory") 2)
                  (table (export "table") 1 funcref)
                  (global (export "global") i32 (i32.const 5))
                  (func (export "f") (result i32) (i32.const 7)))""");
    }

    @AfterEach
    void close() {
        store.close();
    }

    @Test
    void findsEachKindOfExport() {
        assertEquals(Extern.Kind.MEMORY, instance.getExport("memory").orElseThrow().kind());
        assertEquals(Extern.Kind.TABLE, instance.getExport("table").orElseThrow().kind());
        assertEquals(Extern.Kind.GLOBAL, instance.getExport("global").orElseThrow().kind());
        assertEquals(Extern.Kind.FUNC, instance.getExport("f").orElseThrow().kind());
        assertEquals(7, WasmFunctions.func(instance.getFunc("f"), I32).call());
        assertEquals(2, instance.getMemory("memory").size());
    }

    @Test
    void failedLookupIsEmptyOrListsTheExports() {
        assertEquals(Optional.empty(), instance.getExport("g"));
        assertEquals("no export 'g'; there are: memory, table, global, f",
                assertThrows(NoSuchElementException.class, () -> instance.getFunc("g")).getMessage());
        assertEquals("no export 'g'; there are: memory, table, global, f",
                assertThrows(NoSuchElementException.class, () -> instance.getMemory("g")).getMessage());
    }

    @Test
    void wrongKindIsReportedWithBothKinds() {
        assertEquals("this Extern is a MEMORY, not a FUNC",
                assertThrows(IllegalStateException.class, () -> instance.getFunc("memory")).getMessage());
        assertEquals("this Extern is a GLOBAL, not a MEMORY",
                assertThrows(IllegalStateException.class, () -> instance.getMemory("global")).getMessage());
    }

    @Test
    void repeatedLookupReturnsTheSameExtern() {
        assertSame(instance.getFunc("f"), instance.getFunc("f"));
        assertSame(instance.getMemory("memory"), instance.getMemory("memory"));
    }

    @Test
    void endsWithItsStore() {
        instance.getFunc("f");
        store.close();
        assertThrows(IllegalStateException.class, () -> instance.getExport("memory"));
        assertThrows(IllegalStateException.class, () -> instance.getMemory("memory"));
        assertThrows(IllegalStateException.class, () -> instance.getExport("f"), "one that was asked before");
        assertThrows(IllegalStateException.class, () -> instance.getFunc("g"));
    }
}
