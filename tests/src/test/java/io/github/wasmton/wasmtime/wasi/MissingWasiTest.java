package io.github.wasmton.wasmtime.wasi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import io.github.wasmton.testing.StoreAndLinker;
import io.github.wasmton.testing.Wasm;
import io.github.wasmton.wasmtime.Linker;
import io.github.wasmton.wasmtime.WasmtimeException;

/** A known fault of older bindings: a module that imports WASI ended the JVM if its Store had none. */
class MissingWasiTest extends StoreAndLinker {
    private static final String HOW = "the module needs WASI, which its Linker does not have: call "
            + "new Wasi(store, config).addToLinker(linker) before it is instantiated: ";

    private static String importing(String module, String name) {
        return "(module (import \"" + module + "\" \"" + name + "\" (func)))";
    }

    @Test
    void missingWasiIsReportedWithTheRemedy() {
        String wat = importing("wasi_snapshot_preview1", "sched_yield");
        WasmtimeException e = assertThrows(WasmtimeException.class, () -> Wasm.instantiate(linker, wat));
        assertEquals(HOW + "unknown import: `wasi_snapshot_preview1::sched_yield` has not been defined",
                e.getMessage());
        e = assertThrows(WasmtimeException.class, () -> Wasm.module(linker, "guest", wat));
        assertTrue(e.getMessage().startsWith(HOW), e.getMessage());
    }

    @Test
    void contextWithoutALinkerIsNotEnough() {
        new Wasi(store, WasiConfig.EMPTY);
        assertTrue(assertThrows(WasmtimeException.class,
                () -> Wasm.instantiate(linker, importing("wasi_snapshot_preview1", "sched_yield"))).getMessage()
                .startsWith(HOW));
    }

    @Test
    void snapshotOf2019IsReportedAsSuch() {
        WasmtimeException e = assertThrows(WasmtimeException.class,
                () -> Wasm.instantiate(linker, importing("wasi_unstable", "sched_yield")));
        assertTrue(e.getMessage().contains("build it for wasm32-wasip1"), e.getMessage());
    }

    @Test
    void otherMissingImportsDoNotMentionWasi() {
        WasmtimeException e = assertThrows(WasmtimeException.class,
                () -> Wasm.instantiate(linker, importing("env", "f")));
        assertFalse(e.getMessage().contains("WASI"), e.getMessage());
    }
}
