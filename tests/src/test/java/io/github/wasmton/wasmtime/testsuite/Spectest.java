package io.github.wasmton.wasmtime.testsuite;

import static io.github.wasmton.wasmtime.WasmValType.F32;
import static io.github.wasmton.wasmtime.WasmValType.F64;
import static io.github.wasmton.wasmtime.WasmValType.FUNCREF;
import static io.github.wasmton.wasmtime.WasmValType.I32;
import static io.github.wasmton.wasmtime.WasmValType.I64;

import java.util.List;
import java.util.OptionalLong;

import io.github.wasmton.wasmtime.Engine;
import io.github.wasmton.wasmtime.Extern;
import io.github.wasmton.wasmtime.Func;
import io.github.wasmton.wasmtime.FuncType;
import io.github.wasmton.wasmtime.Global;
import io.github.wasmton.wasmtime.GlobalType;
import io.github.wasmton.wasmtime.Linker;
import io.github.wasmton.wasmtime.Memory;
import io.github.wasmton.wasmtime.MemoryType;
import io.github.wasmton.wasmtime.SharedMemory;
import io.github.wasmton.wasmtime.Store;
import io.github.wasmton.wasmtime.Table;
import io.github.wasmton.wasmtime.TableType;
import io.github.wasmton.wasmtime.WasmValType;

/** The module {@code spectest}, which the test suite imports from. */
final class Spectest {
    private final Store store;
    private final Linker linker;

    private Spectest(Linker linker) {
        this.linker = linker;
        store = linker.store();
    }

    static void define(Linker linker, Engine engine) {
        Spectest spectest = new Spectest(linker);
        spectest.print("print");
        spectest.print("print_i32", I32);
        spectest.print("print_i64", I64);
        spectest.print("print_f32", F32);
        spectest.print("print_f64", F64);
        spectest.print("print_i32_f32", I32, F32);
        spectest.print("print_f64_f64", F64, F64);
        spectest.global("global_i32", I32, 666);
        spectest.global("global_i64", I64, 666L);
        spectest.global("global_f32", F32, 666.6f);
        spectest.global("global_f64", F64, 666.6);
        spectest.table("table", false);
        spectest.table("table64", true);
        linker.define("spectest", "memory", Extern.fromMemory(new Memory(spectest.store, new MemoryType(1, 2))));
        try (SharedMemory shared = new SharedMemory(engine, MemoryType.shared(1, 2))) {
            linker.define("spectest", "shared_memory", Extern.fromSharedMemory(spectest.store, shared));
        }
    }

    private void print(String name, WasmValType<?>... params) {
        Func print = new Func(store, new FuncType(List.of(params), List.of()), (caller, args) -> null);
        linker.define("spectest", name, Extern.fromFunc(print));
    }

    private void global(String name, WasmValType<?> type, Object value) {
        linker.define("spectest", name, Extern.fromGlobal(new Global(store, new GlobalType(type, false), value)));
    }

    private void table(String name, boolean is64) {
        TableType type = new TableType(FUNCREF, 10, OptionalLong.of(20), is64);
        linker.define("spectest", name, Extern.fromTable(new Table(store, type, null)));
    }
}
