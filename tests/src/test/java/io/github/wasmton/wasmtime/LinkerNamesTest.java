package io.github.wasmton.wasmtime;

import static io.github.wasmton.wasmtime.WasmValType.I32;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Names of a {@link Linker} beyond plain definitions, and {@link InstancePre}. */
class LinkerNamesTest {
    private static final String COUNTER = """
            (module (import "env" "next" (func $next (result i32))) (func (export "f") (result i32) call $next))""";

    private final Store store = new Store();
    private final Engine engine = store.engine();
    private final Linker linker = new Linker(store);

    @AfterEach
    void close() {
        linker.close();
        engine.close();
        store.close();
    }

    private Extern constant(int n) {
        return Extern.fromFunc(WasmFunctions.wrap(store, I32, () -> n));
    }

    private int call(Instance instance) {
        return WasmFunctions.func(instance.getFunc("f"), I32).call();
    }

    @Test
    void shadowingAllowsRedefinition() {
        linker.define("env", "next", constant(1));
        assertEquals(1, linker.getOneByName("env", "next").func().call()[0]);
        assertThrows(WasmtimeException.class, () -> linker.define("env", "next", constant(2)));
        linker.allowShadowing(true).define("env", "next", constant(2));
        assertEquals(2, linker.getOneByName("env", "next").func().call()[0]);
        linker.allowShadowing(false);
        assertThrows(WasmtimeException.class, () -> linker.define("env", "next", constant(3)));
    }

    @Test
    void aliasAddsANameForADefinition() {
        linker.define("env", "next", constant(5));
        linker.alias("env", "next", "other", "it");
        linker.aliasModule("other", "third");
        assertEquals(List.of(new Linker.Name("env", "next"), new Linker.Name("other", "it"),
                new Linker.Name("third", "it")), linker.names());
        assertEquals(5, linker.getOneByName("third", "it").func().call()[0]);
        assertThrows(WasmtimeException.class, () -> linker.alias("no", "such", "a", "b"));
    }

    @Test
    void instanceDefinesItsExports() {
        linker.define("env", "next", constant(6));
        try (Module module = Module.fromWat(engine, COUNTER)) {
            linker.instance("made", linker.instantiate(module));
            assertEquals(6, linker.getOneByName("made", "f").func().call()[0]);
            try (Store other = new Store(engine); Linker foreign = new Linker(other)) {
                assertThrows(IllegalArgumentException.class, () -> foreign.instance("x", linker.instantiate(module)));
            }
        }
    }

    @Test
    void unknownImportsBecomeTrapsOrZeros() {
        try (Module module = Module.fromWat(engine, COUNTER)) {
            assertThrows(WasmtimeException.class, () -> linker.instantiate(module));
            linker.defineUnknownImportsAsTraps(module);
            Instance instance = linker.instantiate(module);
            String message = assertThrows(WasmtimeException.class, () -> call(instance)).getMessage();
            assertEquals(true, message.contains("env::next"), message);
            try (Linker zeros = new Linker(store)) {
                zeros.defineUnknownImportsAsDefaultValues(module);
                assertEquals(0, call(zeros.instantiate(module)));
            }
        }
    }

    @Test
    void instancePreCreatesManyInstances() {
        linker.define("env", "next", constant(7));
        Module module = Module.fromWat(engine, COUNTER);
        InstancePre linked = linker.instantiatePre(module);
        module.close();
        linker.close();
        for (int i = 0; i < 3; i++) {
            assertEquals(7, call(linked.instantiate()));
        }
        linked.close();
        assertThrows(IllegalStateException.class, linked::instantiate);
    }

    @Test
    void rejectsAModuleOfAnotherEngine() {
        try (Engine other = new Engine(); Module module = Module.fromWat(other, "(module)")) {
            assertThrows(WasmtimeException.class, () -> linker.instantiate(module));
            assertThrows(WasmtimeException.class, () -> linker.instantiatePre(module));
            assertThrows(WasmtimeException.class, () -> linker.module("m", module));
            assertThrows(WasmtimeException.class, () -> linker.defineUnknownImportsAsTraps(module));
            assertThrows(WasmtimeException.class, () -> linker.defineUnknownImportsAsDefaultValues(module));
        }
    }
}
