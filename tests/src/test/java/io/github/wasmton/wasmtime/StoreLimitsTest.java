package io.github.wasmton.wasmtime;

import static io.github.wasmton.wasmtime.WasmValType.FUNCREF;
import static io.github.wasmton.wasmtime.WasmValType.I32;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class StoreLimitsTest {
    private static final String GROWING = """
            (module (memory (export "memory") 1) (table (export "table") 1 funcref)
              (func (export "grow") (param i32) (result i32) local.get 0 memory.grow))""";

    private final Engine engine = new Engine();
    private final Store store = new Store(engine);
    private final Linker linker = new Linker(store);

    @AfterEach
    void close() {
        linker.close();
        store.close();
        engine.close();
    }

    private Instance instantiate(String wat) {
        try (Module module = Module.fromWat(engine, wat)) {
            return linker.instantiate(module);
        }
    }

    @Test
    void refusedGrowthReturnsMinusOneAndIsRemembered() {
        store.limits(StoreLimits.DEFAULT.withMemorySize(2 * 65_536));
        Instance instance = instantiate(GROWING);
        WasmFunctions.Function1<Integer, Integer> grow = WasmFunctions.func(instance.getFunc("grow"), I32, I32);
        assertEquals(1, grow.call(1));
        assertEquals(Optional.empty(), store.lastRefusal());
        assertEquals(-1, grow.call(1));
        assertEquals(Optional.of("a memory of 196608 bytes: the Store's limit is 131072"), store.lastRefusal());
        Memory memory = instance.getMemory("memory");
        assertEquals("a memory of 196608 bytes: the Store's limit is 131072",
                assertThrows(ResourceLimitException.class, () -> memory.grow(1)).getMessage());
        assertEquals(-1, new Memory(store, new MemoryType(1, 1)).grow(1), "its own maximum is no limit of the Store's");
    }

    @Test
    void refusedGrowthEndsTheGuestIfConfigured() {
        store.limits(StoreLimits.DEFAULT.withMemorySize(65_536).withTrapOnGrowFailure(true));
        Func grow = instantiate(GROWING).getFunc("grow");
        assertThrows(ResourceLimitException.class, () -> grow.call(1));
        assertEquals(1, grow.call(0)[0]);
    }

    @Test
    void everyResourceHasItsOwnLimit() {
        store.limits(StoreLimits.DEFAULT.withMemorySize(65_535));
        assertThrows(ResourceLimitException.class, () -> instantiate(GROWING));
        assertThrows(ResourceLimitException.class, () -> new Memory(store, new MemoryType(1)));
        store.limits(StoreLimits.DEFAULT.withTableElements(1));
        Table table = instantiate(GROWING).getExport("table").orElseThrow().table();
        assertThrows(ResourceLimitException.class, () -> table.grow(1, null));
        assertThrows(ResourceLimitException.class, () -> new Table(store, new TableType(FUNCREF, 2), null));
        for (StoreLimits limits : new StoreLimits[] {StoreLimits.DEFAULT.withInstances(0),
                StoreLimits.DEFAULT.withMemories(0), StoreLimits.DEFAULT.withTables(0)}) {
            store.limits(limits);
            assertThrows(ResourceLimitException.class, () -> instantiate(GROWING), limits.toString());
        }
        store.limits(StoreLimits.DEFAULT);
        instantiate(GROWING);
    }

    @Test
    void otherFailuresAreNotBlamedOnALimit() {
        store.limits(StoreLimits.DEFAULT.withMemorySize(65_536));
        assertEquals(-1, instantiate(GROWING).getFunc("grow").call(5)[0]);
        WasmtimeException e = assertThrows(WasmtimeException.class,
                () -> instantiate("(module (import \"no\" \"such\" (func)))"));
        assertFalse(e instanceof ResourceLimitException);
        assertTrue(store.lastRefusal().isPresent(), "the last refusal is still known");
    }

    @Test
    void limitsCannotChangeDuringACall() {
        Func host = WasmFunctions.wrap(store, () -> store.limits(StoreLimits.DEFAULT));
        assertThrows(IllegalStateException.class, host::call);
    }
}
