package io.github.wasmton.bench.rivals;

import static io.github.kawamuray.wasmtime.WasmValType.I32;
import static io.github.kawamuray.wasmtime.WasmValType.I64;

import java.nio.ByteBuffer;

import io.github.kawamuray.wasmtime.Engine;
import io.github.kawamuray.wasmtime.Extern;
import io.github.kawamuray.wasmtime.Linker;
import io.github.kawamuray.wasmtime.Memory;
import io.github.kawamuray.wasmtime.Module;
import io.github.kawamuray.wasmtime.Store;
import io.github.kawamuray.wasmtime.WasmFunctions;

/** The artefact io.github.kawamuray.wasmtime:wasmtime-java, an older binding of wasmtime. */
final class WasmtimeJava implements Rival {
    private final byte[] wasm;
    private final Engine engine = new Engine();
    private final Module module;
    private final Store<Void> store = new Store<>(null, engine);
    private final Memory memory;
    private final int address;
    private final WasmFunctions.Consumer0 empty;
    private final WasmFunctions.Consumer0 run;
    private final WasmFunctions.Function2<Integer, Integer, Integer> add;
    private final WasmFunctions.Function1<Integer, Integer> callbacks;
    private final WasmFunctions.Function1<Integer, Integer> fib;
    private final WasmFunctions.Function0<Integer> sha256;
    private byte[] task;

    WasmtimeJava(byte[] wasm) {
        this.wasm = wasm;
        module = Module.fromBinary(engine, wasm);
        Linker linker = linked(store);
        memory = linker.get(store, "", "memory").orElseThrow().memory();
        address = WasmFunctions.func(store, linker.get(store, "", "buffer").orElseThrow().func(), I32).call();
        empty = WasmFunctions.consumer(store, linker.get(store, "", "empty").orElseThrow().func());
        run = WasmFunctions.consumer(store, linker.get(store, "", "run").orElseThrow().func());
        add = WasmFunctions.func(store, linker.get(store, "", "sum").orElseThrow().func(), I32, I32, I32);
        callbacks = WasmFunctions.func(store, linker.get(store, "", "callbacks").orElseThrow().func(), I32, I32);
        fib = WasmFunctions.func(store, linker.get(store, "", "fib").orElseThrow().func(), I32, I32);
        sha256 = WasmFunctions.func(store, linker.get(store, "", "sha256").orElseThrow().func(), I32);
    }

    private Linker linked(Store<Void> target) {
        Linker linker = new Linker(engine);
        linker.define(target, "host", "add",
                Extern.fromFunc(WasmFunctions.wrap(target, I32, I32, I32, Integer::sum)));
        linker.define(target, "decaton", "poll_task",
                Extern.fromFunc(WasmFunctions.wrap(target, I64, I32, I32, this::pollTask)));
        linker.module(target, "", module);
        return linker;
    }

    private int pollTask(long to, int length) {
        memory.buffer(store).put((int) to, task);
        return task.length;
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
        task = value;
        run.accept();
    }

    @Override
    public void write(byte[] source) {
        ByteBuffer buffer = memory.buffer(store);
        buffer.put(address, source);
    }

    @Override
    public void read(byte[] target) {
        ByteBuffer buffer = memory.buffer(store);
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
        try (Store<Void> own = new Store<>(null, engine); Linker linker = linked(own)) {
            linker.get(own, "", "empty");
        }
    }

    @Override
    public void load() {
        Module.fromBinary(engine, wasm).close();
    }
}
