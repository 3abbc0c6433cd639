package io.github.wasmton.wasmtime;

import static io.github.wasmton.wasmtime.WasmValType.I32;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Collections;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.Test;

import io.github.wasmton.testing.StoreAndLinker;
import io.github.wasmton.testing.Wasm;
import io.github.wasmton.wasmtime.wasi.Wasi;
import io.github.wasmton.wasmtime.wasi.WasiConfig;

class LinkerTest extends StoreAndLinker {
    private static final String IMPORTS_SEVEN = """
            (module
              (import "host" "seven" (func $seven (result i32)))
              (func (export "f") (result i32) (i32.add (call $seven) (i32.const 1))))""";
    /** Counts the calls of _initialize and of next. */
    private static final String REACTOR = """
            (module
              (memory (export "memory") 1)
              (global $initialized (mut i32) (i32.const 0))
              (global $n (mut i32) (i32.const 0))
              (func (export "_initialize") (global.set $initialized (i32.add (global.get $initialized) (i32.const 1))))
              (func (export "initialized") (result i32) (global.get $initialized))
              (func (export "next") (result i32)
                (global.set $n (i32.add (global.get $n) (i32.const 1)))
                (global.get $n)))""";

    private Func constant(int value) {
        return WasmFunctions.wrap(store, I32, () -> value);
    }

    @Test
    void returnsItsStore() {
        assertSame(store, linker.store());
    }

    @Test
    void modulesImportWhatIsDefined() {
        linker.define("host", "seven", Extern.fromFunc(constant(7)));
        assertEquals(8, WasmFunctions.func(Wasm.instantiate(linker, IMPORTS_SEVEN).getFunc("f"), I32).call());
        assertEquals(7, WasmFunctions.func(linker.getOneByName("host", "seven").func(), I32).call());
    }

    @Test
    void rejectsASecondDefinitionOfAName() {
        linker.define("host", "seven", Extern.fromFunc(constant(7)));
        WasmtimeException e = assertThrows(WasmtimeException.class,
                () -> linker.define("host", "seven", Extern.fromFunc(constant(8))));
        assertTrue(e.getMessage().contains("host::seven"), e.getMessage());
        assertEquals(7, WasmFunctions.func(linker.getOneByName("host", "seven").func(), I32).call());
        Wasm.module(linker, "m", REACTOR);
        assertThrows(WasmtimeException.class, () -> Wasm.module(linker, "m", REACTOR));
    }

    @Test
    void rejectsAnItemOfAnotherStore() {
        try (Store other = new Store()) {
            Extern item = Extern.fromFunc(WasmFunctions.wrap(other, () -> {}));
            IllegalArgumentException e = assertThrows(IllegalArgumentException.class,
                    () -> linker.define("m", "n", item));
            assertEquals("the Extern belongs to another Store", e.getMessage());
            assertEquals(Optional.empty(), linker.get("m", "n"));
        }
    }

    @Test
    void namesMayBeAnyText() {
        for (String name : new String[] {"", " ", "::", "\0", "\u00e4\u4e16\ud83d\ude00"}) {
            linker.define(name, name, Extern.fromFunc(constant(name.length())));
        }
        for (String name : new String[] {"", " ", "::", "\0", "\u00e4\u4e16\ud83d\ude00"}) {
            assertEquals(name.length(), WasmFunctions.func(linker.getOneByName(name, name).func(), I32).call());
        }
    }

    /** Uses a Java string that is not valid Unicode; any result but a crash is fine. */
    @Test
    void loneSurrogateInANameIsHarmless() {
        String lone = "\ud800";
        try {
            linker.define(lone, lone, Extern.fromFunc(constant(1)));
            assertTrue(linker.get("another", lone).isEmpty());
        } catch (WasmtimeException e) {
            assertTrue(e.getMessage().length() > 10, "a message that says something");
        }
    }

    @Test
    void missingImportIsNamed() {
        WasmtimeException e = assertThrows(WasmtimeException.class, () -> Wasm.instantiate(linker, IMPORTS_SEVEN));
        assertTrue(e.getMessage().contains("host::seven"), e.getMessage());
        e = assertThrows(WasmtimeException.class, () -> Wasm.module(linker, "m", IMPORTS_SEVEN));
        assertTrue(e.getMessage().contains("host::seven"), e.getMessage());
    }

    @Test
    void importOfAnotherTypeIsReportedWithBothTypes() {
        linker.define("host", "seven", Extern.fromFunc(WasmFunctions.wrap(store, () -> {})));
        WasmtimeException e = assertThrows(WasmtimeException.class, () -> Wasm.instantiate(linker, IMPORTS_SEVEN));
        assertTrue(e.getMessage().contains("host::seven") && e.getMessage().contains("i32"), e.getMessage());
        Linker second = new Linker(store);
        second.define("host", "seven", Extern.fromMemory(Wasm.instantiate(store, REACTOR).getMemory("memory")));
        assertThrows(WasmtimeException.class, () -> Wasm.instantiate(second, IMPORTS_SEVEN));
        second.close();
    }

    /** Covers a known fault of older bindings, which ended the JVM. */
    @Test
    void wasiImportWithoutWasiIsAMissingImport() {
        WasmtimeException e = assertThrows(WasmtimeException.class, () -> Wasm.module(linker, "", """
                (module (import "wasi_snapshot_preview1" "proc_exit" (func (param i32))))"""));
        assertTrue(e.getMessage().contains("wasi_snapshot_preview1::proc_exit"), e.getMessage());
    }

    @Test
    void moduleRunsInitializeOnceAndDefinesTheExports() {
        Wasm.module(linker, "", REACTOR);
        var initialized = WasmFunctions.func(linker.getOneByName("", "initialized").func(), I32);
        var next = WasmFunctions.func(linker.getOneByName("", "next").func(), I32);
        assertEquals(1, initialized.call());
        assertEquals(1, next.call());
        assertEquals(2, next.call());
        assertEquals(1, initialized.call());
        assertEquals(1, linker.getOneByName("", "memory").memory().size());
    }

    @Test
    void moduleRunsTheStartFunctionBeforeInitialize() {
        StringBuilder order = new StringBuilder();
        linker.define("host", "say", Extern.fromFunc(WasmFunctions.wrap(store, I32, n -> {
            order.append(n);
        })));
        Wasm.module(linker, "m", """
                (module
                  (import "host" "say" (func $say (param i32)))
                  (start $start)
                  (func $start (call $say (i32.const 1)))
                  (func (export "_initialize") (call $say (i32.const 2))))""");
        assertEquals("12", order.toString());
    }

    @Test
    void instantiateRunsTheStartFunctionAndNotInitialize() {
        AtomicInteger started = new AtomicInteger();
        linker.define("host", "start", Extern.fromFunc(WasmFunctions.wrap(store, started::incrementAndGet)));
        Instance instance = Wasm.instantiate(linker, """
                (module
                  (import "host" "start" (func $start))
                  (start $start)
                  (global $initialized (mut i32) (i32.const 0))
                  (func (export "_initialize") (global.set $initialized (i32.const 1)))
                  (func (export "initialized") (result i32) (global.get $initialized)))""");
        assertEquals(1, started.get());
        assertEquals(0, WasmFunctions.func(instance.getFunc("initialized"), I32).call());
    }

    @Test
    void commandIsInstantiatedAgainForEachCall() {
        Wasm.module(linker, "command", """
                (module
                  (global $n (mut i32) (i32.const 0))
                  (func (export "_start"))
                  (func (export "next") (result i32)
                    (global.set $n (i32.add (global.get $n) (i32.const 1)))
                    (global.get $n)))""");
        var next = WasmFunctions.func(linker.getOneByName("command", "next").func(), I32);
        assertEquals(1, next.call());
        assertEquals(1, next.call());
    }

    @Test
    void moduleThatFailsToStartDefinesNothing() {
        TrapException e = assertThrows(TrapException.class, () -> Wasm.module(linker, "m", """
                (module (func (export "f")) (func (export "_initialize") unreachable))"""));
        assertEquals(TrapCode.UNREACHABLE_CODE_REACHED, e.code());
        assertEquals(Optional.empty(), linker.get("m", "f"));
        assertThrows(TrapException.class, () -> Wasm.instantiate(linker, "(module (start 0) (func unreachable))"));
    }

    @Test
    void rejectsAModuleThatIsTooLarge() {
        WasmtimeException e = assertThrows(WasmtimeException.class,
                () -> Wasm.instantiate(linker, "(module (memory i64 0x1000000000000))"));
        assertTrue(e.getMessage().contains("exceeds memory limits"), e.getMessage());
        assertThrows(WasmtimeException.class,
                () -> Wasm.instantiate(linker, "(module (table i64 0x1000000000000000 funcref))"));
        Wasm.instantiate(linker, "(module (memory 1) (table 1 funcref))");
    }

    @Test
    void failedLookupIsEmptyOrListsTheDefinitions() {
        assertEquals(Optional.empty(), linker.get("host", "seven"));
        linker.define("host", "seven", Extern.fromFunc(constant(7)));
        linker.define("host", "eight", Extern.fromFunc(constant(8)));
        NoSuchElementException e = assertThrows(NoSuchElementException.class,
                () -> linker.getOneByName("host", "nine"));
        assertEquals("no definition host::nine; there are: host::eight, host::seven", e.getMessage());
        assertTrue(linker.get("host", "seven").isPresent());
    }

    @Test
    void modulesImportExportsOfOtherModules() {
        Wasm.module(linker, "host", "(module (func (export \"seven\") (result i32) (i32.const 7)))");
        assertEquals(8, WasmFunctions.func(Wasm.instantiate(linker, IMPORTS_SEVEN).getFunc("f"), I32).call());
    }

    @Test
    void repeatedLookupReturnsTheSameExtern() {
        Wasm.module(linker, "m", REACTOR);
        assertSame(linker.getOneByName("m", "memory"), linker.getOneByName("m", "memory"));
        assertSame(linker.getOneByName("m", "memory").memory(), linker.getOneByName("m", "memory").memory());
    }

    @Test
    void closingALinkerDoesNotAffectItsInstances() {
        Wasm.module(linker, "m", REACTOR);
        var next = WasmFunctions.func(linker.getOneByName("m", "next").func(), I32);
        linker.close();
        linker.close();
        assertEquals(1, next.call());
    }

    @Test
    void closedLinkerRefusesEverything() {
        Wasm.module(linker, "m", REACTOR);
        linker.getOneByName("m", "next");
        Extern item = Extern.fromFunc(constant(1));
        linker.close();
        assertThrows(IllegalStateException.class, () -> linker.define("m", "n", item));
        assertThrows(IllegalStateException.class, () -> Wasm.module(linker, "n", REACTOR));
        assertThrows(IllegalStateException.class, () -> Wasm.instantiate(linker, REACTOR));
        assertThrows(IllegalStateException.class, () -> linker.get("m", "memory"));
        assertThrows(IllegalStateException.class, () -> linker.getOneByName("m", "memory"));
        assertThrows(IllegalStateException.class, () -> linker.getOneByName("m", "next"), "one that was asked before");
    }

    /** Covers a fault that the WebAssembly test suite found. */
    @Test
    void grownMemoryFitsAnImportThatNeedsMore() {
        try (Store store = new Store(); Linker linker = new Linker(store); Engine engine = store.engine();
             Module module = Module.fromWat(engine, """
                     (module (import "m" "memory" (memory 2)) (import "m" "table" (table 3 funcref)))""")) {
            Memory memory = new Memory(store, new MemoryType(1));
            Table table = new Table(store, new TableType(WasmValType.FUNCREF, 1), null);
            linker.define("m", "memory", Extern.fromMemory(memory));
            linker.define("m", "table", Extern.fromTable(table));
            assertThrows(WasmtimeException.class, () -> linker.instantiate(module));
            memory.grow(1);
            table.grow(2, null);
            linker.instantiate(module);
            linker.instantiatePre(module).instantiate();
            assertThrows(WasmtimeException.class, () -> linker.define("m", "memory", Extern.fromMemory(memory)),
                    "shadowing is still not allowed");
        }
    }

    /** Links once and instantiates in many Stores, each with a WASI context of its own. */
    @Test
    void linkedModuleIsInstantiatedInManyStores() {
        String exits = """
                (module
                  (import "wasi_snapshot_preview1" "args_sizes_get" (func $sizes (param i32 i32) (result i32)))
                  (memory (export "memory") 1)
                  (func (export "count") (result i32)
                    (drop (call $sizes (i32.const 0) (i32.const 4)))
                    (i32.load (i32.const 0))))""";
        try (Engine engine = store.engine(); Module module = Module.fromWat(engine, exits)) {
            new Wasi(store, WasiConfig.EMPTY).addToLinker(linker);
            try (InstancePre linked = linker.instantiatePre(module)) {
                for (int i = 0; i < 20; i++) {
                    try (Store other = new Store(engine)) {
                        new Wasi(other, WasiConfig.builder().args(Collections.nCopies(i, "x")).build());
                        assertEquals(i, WasmFunctions.func(linked.instantiate(other).getFunc("count"), I32).call());
                    }
                }
                assertEquals(0, WasmFunctions.func(linked.instantiate().getFunc("count"), I32).call());
            }
        }
    }

    @Test
    void importOfAStoreIsRefusedInAnother() {
        linker.define("host", "f", Extern.fromFunc(WasmFunctions.wrap(store, () -> {})));
        try (Engine engine = store.engine(); Store other = new Store(engine); Engine foreign = new Engine(new Config());
             Store otherEngines = new Store(foreign);
             Module module = Module.fromWat(engine, "(module (import \"host\" \"f\" (func)))");
             InstancePre linked = linker.instantiatePre(module)) {
            String message = assertThrows(IllegalArgumentException.class, () -> linked.instantiate(other)).getMessage();
            assertTrue(message.contains("another Store"), message);
            assertThrows(WasmtimeException.class, () -> linked.instantiate(otherEngines));
            linked.instantiate();
        }
    }

    @Test
    void externsAreAllDefinitionsByName() {
        linker.define("b", "f", Extern.fromFunc(WasmFunctions.wrap(store, () -> {})));
        linker.define("a", "m", Extern.fromMemory(new Memory(store, new MemoryType(1))));
        assertEquals(List.of(new Linker.Name("a", "m"), new Linker.Name("b", "f")),
                List.copyOf(linker.externs().keySet()));
        assertEquals(Extern.Kind.MEMORY, linker.externs().get(new Linker.Name("a", "m")).kind());
    }
}
