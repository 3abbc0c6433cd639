package io.github.wasmton.compat;

import static io.github.kawamuray.wasmtime.WasmValType.I32;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.ref.WeakReference;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

import io.github.kawamuray.wasmtime.Config;
import io.github.kawamuray.wasmtime.Engine;
import io.github.kawamuray.wasmtime.Extern;
import io.github.kawamuray.wasmtime.Func;
import io.github.kawamuray.wasmtime.FuncType;
import io.github.kawamuray.wasmtime.ImportType;
import io.github.kawamuray.wasmtime.Instance;
import io.github.kawamuray.wasmtime.Linker;
import io.github.kawamuray.wasmtime.Memory;
import io.github.kawamuray.wasmtime.MemoryType;
import io.github.kawamuray.wasmtime.Module;
import io.github.kawamuray.wasmtime.NativeLibraryLoader;
import io.github.kawamuray.wasmtime.OptLevel;
import io.github.kawamuray.wasmtime.ProfilingStrategy;
import io.github.kawamuray.wasmtime.Store;
import io.github.kawamuray.wasmtime.Strategy;
import io.github.kawamuray.wasmtime.Trap;
import io.github.kawamuray.wasmtime.Val;
import io.github.kawamuray.wasmtime.WasmFunctionError.TrapError;
import io.github.kawamuray.wasmtime.WasmFunctions;
import io.github.kawamuray.wasmtime.WasmtimeException;
import io.github.kawamuray.wasmtime.wasi.DirCaps;
import io.github.kawamuray.wasmtime.wasi.FileCaps;
import io.github.kawamuray.wasmtime.wasi.WasiCtx;
import io.github.kawamuray.wasmtime.wasi.WasiCtxBuilder;
import io.github.wasmton.testing.Await;
import io.github.wasmton.wasmtime.TrapException;
import io.github.wasmton.wasmtime.V128;

/**
 * The differences between {@code wasmtime-java-compat} and 0.19.0, and what 0.19.0 left undone. {@link
 * UnchangedProgramsTest} tests the rest against 0.19.0 itself.
 */
class CompatTest {
    private final Engine engine = new Engine();
    private final Store<String> store = new Store<>("data", engine);

    @AfterEach
    void close() {
        store.close();
        engine.close();
    }

    private Instance instance(String wat, Extern... imports) {
        try (Module module = new Module(engine, wat.getBytes())) {
            return new Instance(store, module, List.of(imports));
        }
    }

    private Func func(String wat, Extern... imports) {
        return instance(wat, imports).getFunc(store, "f").orElseThrow();
    }

    // ---- more than 0.19.0 does ----

    @Test
    void referencesAndVectorsCross() {
        Object object = new Object();
        Func externref = func("(module (func (export \"f\") (param externref) (result externref) (local.get 0)))");
        assertSame(object, externref.call(store, new Val(Val.Type.EXTERN_REF, object))[0].getValue());
        Func vector = func("(module (func (export \"f\") (param v128) (result v128) (local.get 0)))");
        Val vectorValue = new Val(Val.Type.V128, new V128(1, 2));
        assertEquals(vectorValue, vector.call(store, vectorValue)[0]);
        Func funcref = func("(module (func (export \"f\") (param funcref) (result funcref) (local.get 0)))");
        Val none = new Val(Val.Type.FUNC_REF, null);
        assertEquals(none, funcref.call(store, none)[0]);
        Func wrapped = WasmFunctions.wrap(store, I32, () -> 42);
        Func returned = (Func) funcref.call(store, new Val(Val.Type.FUNC_REF, wrapped))[0].getValue();
        assertEquals(42, returned.call(store)[0].i32());
    }

    @Test
    void trapCarriesTheTrapOfTheBinding() {
        Func func = func("(module (func (export \"f\") unreachable))");
        TrapError error = assertThrows(TrapError.class, () -> func.call(store));
        assertEquals(Trap.UNREACHABLE_CODE_REACHED, error.trap());
        assertEquals(1, ((TrapException) error.getCause()).frames().size());
    }

    @Test
    void exceptionOfAHostFunctionIsTheCause() {
        RuntimeException thrown = new IllegalStateException("by the host");
        Func host = new Func(store, FuncType.empty(), (caller, params, results) -> {
            throw thrown;
        });
        Func func = func("(module (import \"\" \"\" (func $host)) (func (export \"f\") (call $host)))",
                Extern.fromFunc(host));
        assertSame(thrown, assertThrows(WasmtimeException.class, () -> func.call(store)).getCause());
    }

    @Test
    void callerFindsExportsDuringTheCallOnly() {
        Executable[] later = new Executable[1];
        Func host = new Func(store, FuncType.empty(), (caller, params, results) -> {
            assertEquals("data", caller.data());
            assertEquals(Extern.Type.MEMORY, caller.getExport("memory").orElseThrow().type());
            assertTrue(caller.getExport("absent").isEmpty());
            later[0] = () -> caller.getExport("memory");
        });
        func("(module (import \"\" \"\" (func $host)) (memory (export \"memory\") 1)"
                + "(func (export \"f\") (call $host)))", Extern.fromFunc(host)).call(store);
        assertThrows(IllegalStateException.class, later[0]);
    }

    @Test
    void linkerServesSeveralStores() {
        String command = "(module (import \"wasi_snapshot_preview1\" \"args_sizes_get\""
                + " (func $args (param i32 i32) (result i32))) (memory (export \"memory\") 1)"
                + "(func (export \"f\") (result i32) (drop (call $args (i32.const 0) (i32.const 4)))"
                + " (i32.load (i32.const 0))))";
        try (Linker linker = new Linker(engine); Module module = new Module(engine, command.getBytes())) {
            linker.define(store, "host", "memory", Extern.fromMemory(new Memory(store, new MemoryType(1, false))));
            WasiCtx.addToLinker(linker);
            for (List<String> args : List.of(List.of("a"), List.of("a", "b"))) {
                WasiCtx wasi = new WasiCtxBuilder().args(args).build();
                try (Store<Void> own = new Store<>(null, engine, wasi)) {
                    linker.module(own, "command", module);
                    Func func = linker.get(own, "command", "f").orElseThrow().func();
                    assertEquals(args.size(), func.call(own)[0].i32());
                    assertEquals(Set.of("command", "wasi_snapshot_preview1"), linker.modules(own));
                }
            }
            assertEquals(Set.of("host"), linker.modules(store));
        }
    }

    @Test
    void linkerDoesNotKeepStores() throws Exception {
        try (Linker linker = new Linker(engine)) {
            WeakReference<Store<Void>> used = new WeakReference<>(use(linker));
            Await.until("the Store to be collected", () -> {
                System.gc();
                return used.refersTo(null);
            });
            assertEquals(Set.of(), linker.modules(store));
        }
    }

    private Store<Void> use(Linker linker) {
        try (Store<Void> own = new Store<>(null, engine)) {
            linker.define(own, "host", "f", Extern.fromFunc(WasmFunctions.wrap(own, () -> { })));
            return own;
        }
    }

    @Test
    void importsOfTheSameNameTakeTheSameItem() {
        String wat = "(module (import \"a\" \"f\" (func)) (import \"a\" \"f\" (func)))";
        Extern item = Extern.fromFunc(WasmFunctions.wrap(store, () -> { }));
        instance(wat, item, item);
        Extern other = Extern.fromFunc(WasmFunctions.wrap(store, () -> { }));
        assertThrows(UnsupportedOperationException.class, () -> instance(wat, item, other));
    }

    // ---- settings ----

    @Test
    void featuresThatAreOffAreRefused() {
        String threads = "(module (memory 1 1 shared) (func (drop (i32.atomic.load (i32.const 0)))))";
        refuses(new Config().wasmThreads(false), threads);
        compiles(new Config().wasmThreads(true), threads);
        refuses(new Config().wasmReferenceTypes(false), "(module (func (param externref)))");
        refuses(new Config().wasmSimd(false), "(module (func (param v128)))");
        refuses(new Config().wasmMultiValue(false), "(module (func (result i32 i32) i32.const 1 i32.const 2))");
        refuses(new Config().wasmReferenceTypes(false).wasmBulkMemory(false),
                "(module (memory 1) (func (memory.fill (i32.const 0) (i32.const 0) (i32.const 0))))");
    }

    @Test
    void settingsWithoutAnEquivalentChangeNothing() {
        compiles(new Config().debugInfo(true).strategy(Strategy.AUTO).strategy(Strategy.CRANELIFT)
                .craneliftDebugVerifier(true).staticMemoryMaximumSize(0).dynamicMemoryGuardSize(1 << 16),
                "(module (memory 1))");
    }

    @Test
    void otherSettingsAreTaken() {
        for (OptLevel level : OptLevel.values()) {
            compiles(new Config().craneliftOptLevel(level).craneliftNanCanonicalization(true).maxWasmStack(1 << 19)
                    .profiler(ProfilingStrategy.NONE).staticMemoryGuardSize(1 << 20).cacheConfigLoadDefault(),
                    "(module)");
        }
    }

    private static void compiles(Config config, String wat) {
        try (Engine own = new Engine(config); Module module = new Module(own, wat.getBytes())) {
            assertEquals(0, module.imports().length);
        }
    }

    private static void refuses(Config config, String wat) {
        try (Engine own = new Engine(config)) {
            assertThrows(WasmtimeException.class, () -> new Module(own, wat.getBytes()));
        }
    }

    // ---- safe where 0.19.0 is not ----

    @Test
    void useAfterCloseIsAnIllegalState() {
        Store<Void> own = new Store<>(null, engine);
        Linker linker = new Linker(engine);
        Func func = WasmFunctions.wrap(own, I32, () -> 1);
        assertEquals(1, func.call(own)[0].i32());
        linker.close();
        own.close();
        own.close();
        assertThrows(IllegalStateException.class, own::engine);
        assertThrows(IllegalStateException.class, () -> func.call(own));
        assertThrows(IllegalStateException.class, () -> linker.modules(store));
    }

    @Test
    void itemsOfAnotherStoreAreRefused() {
        try (Store<Void> other = new Store<>(null, engine); Linker linker = new Linker(engine)) {
            Extern item = Extern.fromFunc(WasmFunctions.wrap(other, () -> { }));
            assertThrows(WasmtimeException.class, () -> linker.define(store, "a", "b", item));
            assertThrows(WasmtimeException.class, () -> instance("(module (import \"a\" \"b\" (func)))", item));
        }
    }

    @Test
    void buffersOutliveTheirStore() {
        var buffer = new Memory(store, new MemoryType(1, false)).buffer(store);
        buffer.putInt(0, 42);
        store.close();
        assertEquals(42, buffer.getInt(0));
    }

    // ---- not supported ----

    @Test
    void unsupportedMethodsNameAWayOut() {
        WasiCtx wasi = new WasiCtxBuilder().build();
        Linker linker = new Linker(engine);
        List<Executable> unsupported = List.of(store::innerPtr, linker::innerPtr, wasi::innerPtr, wasi::takeInnerPtr,
                () -> new WasiCtx(1), () -> new Memory(1),
                () -> new Config().cacheConfigLoad(Path.of("config.toml")),
                () -> wasi.insertFile(5, Path.of("file"), Set.of(FileCaps.READ)),
                () -> wasi.insertDir(5, Path.of("."), Set.of(DirCaps.OPEN), Set.of(), Path.of("/")));
        for (Executable method : unsupported) {
            String message = assertThrows(UnsupportedOperationException.class, method).getMessage();
            assertTrue(message.contains("use ") || message.contains("pass "), message);
        }
    }

    @Test
    void sharedMemoriesAndTagsAreUnknown() {
        try (Engine own = new Engine(new Config().wasmThreads(true));
                Module module = new Module(own, ("(module (import \"a\" \"m\" (memory 1 2 shared))"
                        + " (import \"a\" \"t\" (tag)))").getBytes())) {
            ImportType[] imports = module.imports();
            assertEquals(ImportType.Type.MEMORY, imports[0].type());
            assertEquals(2, imports[0].memory().maximum());
            assertThrows(UnsupportedOperationException.class, imports[1]::type);
        }
        Extern tag = linked("(module (tag (export \"f\")))");
        assertEquals(Extern.Type.UNKNOWN, tag.type());
        assertThrows(IllegalStateException.class, tag::func);
        assertThrows(IllegalStateException.class, Extern.UNKNOWN::func);
    }

    private Extern linked(String wat) {
        try (Linker linker = new Linker(engine); Module module = new Module(engine, wat.getBytes())) {
            linker.module(store, "m", module);
            return linker.get(store, "m", "f").orElseThrow();
        }
    }

    // ---- small things ----

    @Test
    void capabilitiesAreBits() {
        assertEquals(64, FileCaps.WRITE.value());
        assertEquals(1 << 15, DirCaps.FILESTAT_SET_TIMES.value());
    }

    @Test
    void enginesAreEqualIfTheyAreTheSame() {
        assertEquals(engine, engine);
        assertEquals(engine.hashCode(), engine.hashCode());
        assertFalse(engine.equals(store.engine()));
    }

    @Test
    void libraryCanBeLoadedEarly() {
        NativeLibraryLoader.init();
        NativeLibraryLoader.load();
        assertArrayEquals(new Val.Type[0], FuncType.empty().getParams());
    }
}
