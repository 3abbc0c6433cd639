package io.github.wasmton.wasmtime;

import static io.github.wasmton.wasmtime.WasmValType.I32;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CallerTest {
    private static final FuncType NOTHING = new FuncType(List.of(), List.of());

    private final Store store = new Store();

    @AfterEach
    void close() {
        store.close();
    }

    private Instance instantiate(Func host, int number) {
        try (Engine engine = store.engine(); Linker linker = new Linker(store);
             Module module = Module.fromWat(engine, """
                (module (import "" "host" (func $host)) (memory (export "memory") 1)
                  (data (i32.const 0) "\\0%d") (func (export "f") call $host))""".formatted(number))) {
            linker.define("", "host", Extern.fromFunc(host));
            return linker.instantiate(module);
        }
    }

    @Test
    void knowsTheCallingInstance() {
        List<Byte> seen = new ArrayList<>();
        Func host = new Func(store, NOTHING, (caller, args) -> {
            assertSame(store, caller.store());
            assertTrue(caller.getExport("nothing").isEmpty());
            seen.add(caller.getExport("memory").orElseThrow().memory().getByte(0));
            return null;
        });
        instantiate(host, 1).getFunc("f").call();
        instantiate(host, 2).getFunc("f").call();
        assertEquals(List.of((byte) 1, (byte) 2), seen);
    }

    @Test
    void isInvalidAfterItsCall() {
        Caller[] kept = new Caller[1];
        Func keep = new Func(store, NOTHING, (caller, args) -> {
            kept[0] = caller;
            return null;
        });
        keep.call();
        assertThrows(IllegalStateException.class, () -> kept[0].store());
        assertThrows(IllegalStateException.class, () -> kept[0].getExport("memory"));
        Func use = new Func(store, NOTHING, (caller, args) -> {
            assertNotNull(caller.store());
            assertThrows(IllegalStateException.class, () -> kept[0].getExport("memory"));
            return null;
        });
        use.call();
    }

    @Test
    void isInvalidOnOtherThreadsAndInNestedCalls() {
        Caller[] outer = new Caller[1];
        Func inside = new Func(store, NOTHING, (caller, args) -> {
            assertThrows(IllegalStateException.class, () -> outer[0].getExport("memory"));
            return null;
        });
        new Func(store, NOTHING, (caller, args) -> {
            outer[0] = caller;
            Throwable thrown = assertThrows(CompletionException.class,
                    () -> CompletableFuture.runAsync(() -> caller.getExport("memory")).join()).getCause();
            assertEquals(IllegalStateException.class, thrown.getClass());
            inside.call();
            assertSame(store, caller.store());
            return null;
        }).call();
    }

    @Test
    void exportsOutliveTheCall() {
        Memory[] kept = new Memory[1];
        Func host = new Func(store, NOTHING, (caller, args) -> {
            kept[0] = caller.getExport("memory").orElseThrow().memory();
            WasmFunctions.wrap(store, I32, I32, n -> n);
            return null;
        });
        instantiate(host, 3).getFunc("f").call();
        assertEquals(3, kept[0].getByte(0));
    }
}
