import static io.github.kawamuray.wasmtime.WasmValType.I32;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.TreeSet;

import io.github.kawamuray.wasmtime.Engine;
import io.github.kawamuray.wasmtime.Extern;
import io.github.kawamuray.wasmtime.ExternItem;
import io.github.kawamuray.wasmtime.Func;
import io.github.kawamuray.wasmtime.Global;
import io.github.kawamuray.wasmtime.Linker;
import io.github.kawamuray.wasmtime.Memory;
import io.github.kawamuray.wasmtime.Module;
import io.github.kawamuray.wasmtime.Store;
import io.github.kawamuray.wasmtime.Val;
import io.github.kawamuray.wasmtime.WasmFunctionError.I32ExitError;
import io.github.kawamuray.wasmtime.WasmFunctions;
import io.github.kawamuray.wasmtime.WasmtimeException;
import io.github.kawamuray.wasmtime.wasi.WasiCtx;
import io.github.kawamuray.wasmtime.wasi.WasiCtxBuilder;

/** Modules linked by name, and WASI. */
public class Linked {
    private static final String LIBRARY = "(module"
            + "  (global (export \"counter\") (mut i32) (i32.const 256))"
            + "  (global (export \"version\") f32 (f32.const 1.5))"
            + "  (table (export \"table\") 8 8 funcref)"
            + "  (memory (export \"memory\") 1)"
            + "  (func (export \"twice\") (param i32) (result i32) (i32.mul (local.get 0) (i32.const 2))))";
    private static final String APPLICATION = "(module"
            + "  (import \"library\" \"twice\" (func $twice (param i32) (result i32)))"
            + "  (import \"library\" \"counter\" (global $counter (mut i32)))"
            + "  (import \"host\" \"offset\" (func $offset (result i32)))"
            + "  (func (export \"run\") (param i32) (result i32)"
            + "    (global.set $counter (i32.add (global.get $counter) (i32.const 1)))"
            + "    (i32.add (call $twice (local.get 0)) (call $offset))))";
    /** Writes three bytes to standard output and exits with the number of arguments. */
    private static final String COMMAND = "(module"
            + "  (import \"wasi_snapshot_preview1\" \"fd_write\""
            + "    (func $write (param i32 i32 i32 i32) (result i32)))"
            + "  (import \"wasi_snapshot_preview1\" \"args_sizes_get\" (func $args (param i32 i32) (result i32)))"
            + "  (import \"wasi_snapshot_preview1\" \"environ_sizes_get\" (func $env (param i32 i32) (result i32)))"
            + "  (import \"wasi_snapshot_preview1\" \"fd_prestat_get\" (func $dir (param i32 i32) (result i32)))"
            + "  (import \"wasi_snapshot_preview1\" \"proc_exit\" (func $exit (param i32)))"
            + "  (memory (export \"memory\") 1)"
            + "  (data (i32.const 0) \"\\20\\00\\00\\00\\03\\00\\00\\00\")"
            + "  (data (i32.const 32) \"abc\")"
            + "  (func (export \"variables\") (result i32)"
            + "    (drop (call $env (i32.const 100) (i32.const 104)))"
            + "    (i32.load (i32.const 100)))"
            + "  (func (export \"directory\") (param i32) (result i32) (call $dir (local.get 0) (i32.const 100)))"
            + "  (func (export \"_start\")"
            + "    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))"
            + "    (drop (call $args (i32.const 100) (i32.const 104)))"
            + "    (call $exit (i32.load (i32.const 100)))))";

    public static void main(String[] args) throws IOException {
        linked();
        Path output = Files.createTempFile("linked", ".txt");
        Files.write(output, "what was there before".getBytes());
        command(new WasiCtxBuilder().args(Arrays.asList("command", "--flag")).arg("third").stdout(output).build());
        System.out.println(new String(Files.readAllBytes(output)));
        WasiCtx wasi = new WasiCtxBuilder().env("A", "1").env("B", "2").preopenedDir(output.getParent(), "/").build();
        wasi.pushArg("one");
        wasi.pushEnv("C", "3");
        wasi.setStderr(output);
        command(wasi);
        System.out.println(Files.size(output));
        Files.delete(output);
    }

    private static void linked() {
        try (Store<Void> store = Store.withoutData();
             Engine engine = store.engine();
             Linker linker = new Linker(engine);
             Module library = new Module(engine, LIBRARY.getBytes());
             Module empty = Module.fromBinary(engine, new byte[] {0, 'a', 's', 'm', 1, 0, 0, 0});
             Module application = new Module(engine, APPLICATION.getBytes());
             Func offset = WasmFunctions.wrap(store, I32, () -> 1000)) {
            System.out.println(empty.imports().length);
            linker.module(store, "library", library);
            linker.define(store, "host", "offset", Extern.fromFunc(offset));
            linker.module(store, "application", application);
            Optional<Extern> run = linker.get(store, "application", "run");
            System.out.println(WasmFunctions.func(store, run.get().func(), I32, I32).call(21));
            System.out.println(new TreeSet<>(linker.modules(store)) + " " + linker.externs(store).size());
            TreeSet<String> names = new TreeSet<>();
            for (ExternItem item : linker.externsOfModule(store, "library")) {
                names.add(item.module() + "." + item.name() + ":" + item.extern().type());
            }
            System.out.println(names + " " + linker.externsOfModule(store, "absent"));
            System.out.println(linker.get(store, "library", "absent"));
            Global counter = linker.get(store, "library", "counter").get().global();
            System.out.println(counter.get(store) + " " + counter.isMutable(store));
            counter.set(store, Val.fromI32(-1));
            System.out.println(counter.get(store));
            Global version = linker.get(store, "library", "version").get().global();
            System.out.println(version.get(store).f32() + " " + version.isMutable(store));
            report(() -> version.set(store, Val.fromF32(2)));
            report(() -> counter.set(store, Val.fromI64(2)));
            report(() -> linker.define(store, "host", "offset", Extern.fromFunc(offset)));
            Memory memory = linker.get(store, "library", "memory").get().memory();
            System.out.println(memory.size(store) + " " + Extern.UNKNOWN.type());
        }
    }

    private static void command(WasiCtx wasi) {
        try (Store<Void> store = Store.withoutData(wasi);
             Engine engine = store.engine();
             Linker linker = new Linker(engine);
             Module module = new Module(engine, COMMAND.getBytes())) {
            WasiCtx.addToLinker(linker);
            linker.module(store, "", module);
            System.out.println(WasmFunctions.func(store, linker.get(store, "", "variables").get().func(), I32).call());
            WasmFunctions.Function1<Integer, Integer> directory =
                    WasmFunctions.func(store, linker.get(store, "", "directory").get().func(), I32, I32);
            System.out.println(directory.call(3) + " " + directory.call(4));
            linker.get(store, "", "_start").get().func().call(store);
            System.out.println("no exit");
        } catch (I32ExitError e) {
            System.out.println("exit " + e.exitCode());
        }
    }

    private static void report(Runnable code) {
        try {
            code.run();
            System.out.println("ok");
        } catch (WasmtimeException e) {
            System.out.println("refused");
        } catch (RuntimeException e) {
            System.out.println(e.getClass());
        }
    }
}
