package io.github.wasmton.bench.rivals;

import static io.github.wasmton.wasmtime.WasmValType.I32;
import static io.github.wasmton.wasmtime.WasmValType.I64;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;

import io.github.wasmton.guest.Guest;
import io.github.wasmton.guest.GuestModule;
import io.github.wasmton.guest.GuestOptions;
import io.github.wasmton.guest.Task;
import io.github.wasmton.wasmtime.Engine;
import io.github.wasmton.wasmtime.Extern;
import io.github.wasmton.wasmtime.Instance;
import io.github.wasmton.wasmtime.Linker;
import io.github.wasmton.wasmtime.Memory;
import io.github.wasmton.wasmtime.Module;
import io.github.wasmton.wasmtime.Store;
import io.github.wasmton.wasmtime.WasmFunctions;

/** This project: tasks go through {@link Guest}, everything else through the binding. */
final class Wasmton implements Rival {
    private final byte[] wasm;
    private final Engine engine;
    private final Module module;
    private final Memory memory;
    private final int address;
    private final WasmFunctions.Consumer0 empty;
    private final WasmFunctions.Function2<Integer, Integer, Integer> add;
    private final WasmFunctions.Function1<Integer, Integer> callbacks;
    private final WasmFunctions.Function1<Integer, Integer> fib;
    private final WasmFunctions.Function0<Integer> sha256;
    /** Made for the first task: the row of a start is about the binding alone. */
    private Guest guest;
    private byte[] current;
    private Task task;

    Wasmton(byte[] wasm) {
        this.wasm = wasm;
        Store store = new Store();
        engine = store.engine();
        module = Module.fromBinary(engine, wasm);
        Instance instance = instance(store);
        memory = instance.getMemory("memory");
        address = WasmFunctions.func(instance.getFunc("buffer"), I32).call();
        empty = WasmFunctions.consumer(instance.getFunc("empty"));
        add = WasmFunctions.func(instance.getFunc("sum"), I32, I32, I32);
        callbacks = WasmFunctions.func(instance.getFunc("callbacks"), I32, I32);
        fib = WasmFunctions.func(instance.getFunc("fib"), I32, I32);
        sha256 = WasmFunctions.func(instance.getFunc("sha256"), I32);
    }

    private Instance instance(Store store) {
        Linker linker = new Linker(store);
        linker.define("host", "add", Extern.fromFunc(WasmFunctions.wrap(store, I32, I32, I32, Integer::sum)));
        linker.define("decaton", "poll_task",
                Extern.fromFunc(WasmFunctions.wrap(store, I64, I32, I32, (to, length) -> -1)));
        return linker.instantiate(module);
    }

    /** Returns the module without its other import. */
    private static Guest guest() {
        try {
            Path file = Files.createTempFile("poll", ".wat");
            Files.writeString(file, """
                    (module
                      (import "decaton" "poll_task" (func $poll_task (param i64 i32) (result i32)))
                      (memory (export "memory") 17)
                      (func (export "run") (drop (call $poll_task (i64.const 0) (i32.const 1048576)))))""");
            GuestModule processor = GuestModule.load(file, GuestOptions.DEFAULT);
            Files.delete(file);
            return processor.instantiate();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void empty() {
        empty.accept();
    }

    @Override
    public int add(int a, int b) {
        return add.call(a, b);
    }

    @Override
    public int callbacks(int times) {
        return callbacks.call(times);
    }

    @Override
    public void process(byte[] value) {
        if (value != current) {
            guest = guest == null ? guest() : guest;
            current = value;
            task = new Task("topic", 0, 0, value);
        }
        guest.process(task);
    }

    @Override
    public void write(byte[] source) {
        ByteBuffer buffer = memory.buffer();
        buffer.put(address, source);
    }

    @Override
    public void read(byte[] target) {
        ByteBuffer buffer = memory.buffer();
        buffer.get(address, target);
    }

    @Override
    public int fib(int n) {
        return fib.call(n);
    }

    @Override
    public int sha256() {
        return sha256.call();
    }

    @Override
    public void instantiate() {
        try (Store store = new Store(engine)) {
            instance(store);
        }
    }

    @Override
    public void load() {
        Module.fromBinary(engine, wasm).close();
    }
}
