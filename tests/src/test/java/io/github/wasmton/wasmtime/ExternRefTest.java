package io.github.wasmton.wasmtime;

import static io.github.wasmton.wasmtime.WasmValType.EXTERNREF;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Java objects that wasm refers to live as long as the reference, and no longer. A Store carries data. */
class ExternRefTest {
    private final Engine engine = new Engine();
    private final Store store = new Store(engine);

    @AfterEach
    void close() {
        store.close();
        engine.close();
    }

    private static boolean isCollected(WeakReference<?> reference) throws InterruptedException {
        for (int i = 0; i < 100 && reference.get() != null; i++) {
            System.gc();
            Thread.sleep(10);
        }
        return reference.get() == null;
    }

    @Test
    void objectsLiveAsLongAsWasmHoldsThem() throws Exception {
        Table table = new Table(store, new TableType(EXTERNREF, 2), null);
        table.set(0, new Object());
        WeakReference<Object> held = new WeakReference<>(table.get(0));
        System.gc();
        store.gc();
        System.gc();
        assertNotNull(held.get());
        assertSame(held.get(), table.get(0));
        table.set(0, null);
        store.gc();
        assertTrue(isCollected(held), "wasm let go of it");
    }

    @Test
    void closedStoreHoldsNoObjects() throws Exception {
        Global global = new Global(store, new GlobalType(EXTERNREF, true), new Object());
        WeakReference<Object> held = new WeakReference<>(global.get());
        store.close();
        assertTrue(isCollected(held));
    }

    @Test
    void manyReferencesTriggerACollection() throws Exception {
        Func nothing = new Func(store, new FuncType(List.of(EXTERNREF), List.of()), (caller, args) -> null);
        List<WeakReference<Object>> passed = new ArrayList<>();
        for (int i = 0; i < 20_000; i++) {
            Object object = new Object();
            nothing.call(object);
            passed.add(new WeakReference<>(object));
        }
        System.gc();
        Thread.sleep(50);
        long alive = passed.stream().filter(it -> it.get() != null).count();
        assertTrue(alive < passed.size(), "all " + alive + " are alive");
        store.gc();
        assertTrue(isCollected(passed.get(passed.size() - 1)));
    }

    @Test
    void storeCarriesItsData() {
        try (Store with = new Store(engine, "data")) {
            assertEquals("data", with.data(String.class));
            assertThrows(ClassCastException.class, () -> with.data(Integer.class));
            new Func(with, new FuncType(List.of(), List.of()), (caller, args) -> {
                assertEquals("data", caller.store().data(String.class));
                return null;
            }).call();
        }
        assertThrows(IllegalStateException.class, () -> store.data(Object.class));
    }
}
