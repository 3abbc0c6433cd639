package io.github.wasmton.wasmtime;

import static io.github.wasmton.wasmtime.WasmValType.EXTERNREF;
import static io.github.wasmton.wasmtime.WasmValType.F64;
import static io.github.wasmton.wasmtime.WasmValType.FUNCREF;
import static io.github.wasmton.wasmtime.WasmValType.I32;
import static io.github.wasmton.wasmtime.WasmValType.I64;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class GlobalTest {
    private final Store store = new Store();

    @AfterEach
    void close() {
        store.close();
    }

    @Test
    void wasmAndJavaSeeTheSameGlobal() {
        Global counter = new Global(store, new GlobalType(I64, true), 40L);
        try (Engine engine = store.engine(); Linker linker = new Linker(store);
             Module module = Module.fromWat(engine, """
                (module (import "" "counter" (global $c (mut i64)))
                  (func (export "next") global.get $c i64.const 1 i64.add global.set $c)
                  (export "counter" (global $c)))""")) {
            linker.define("", "counter", Extern.fromGlobal(counter));
            Instance instance = linker.instantiate(module);
            WasmFunctions.consumer(instance.getFunc("next")).accept();
            assertEquals(41L, counter.get());
            Extern export = instance.getExport("counter").orElseThrow();
            assertEquals(Extern.Kind.GLOBAL, export.kind());
            export.global().set(-1L);
            assertEquals(-1L, counter.get());
            assertEquals(new GlobalType(I64, true), export.type());
        }
    }

    @Test
    void globalKeepsReferences() {
        Object object = new Object();
        Global global = new Global(store, new GlobalType(EXTERNREF, true), object);
        assertSame(object, global.get());
        global.set(null);
        assertNull(global.get());
        Func func = WasmFunctions.wrap(store, () -> {});
        assertEquals(func, new Global(store, new GlobalType(FUNCREF, false), func).get());
    }

    @Test
    void rejectsSettingAConstantAndValuesOfAnotherType() {
        Global constant = new Global(store, new GlobalType(F64, false), 1.0);
        assertThrows(WasmtimeException.class, () -> constant.set(2.0));
        assertEquals(1.0, constant.get());
        assertThrows(IllegalArgumentException.class, () -> new Global(store, new GlobalType(I32, true), 1L));
        Global number = new Global(store, new GlobalType(I32, true), 1);
        assertThrows(IllegalArgumentException.class, () -> number.set("1"));
        store.close();
        assertThrows(IllegalStateException.class, number::get);
        assertThrows(IllegalStateException.class, () -> number.set(2));
    }
}
