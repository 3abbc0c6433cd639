package io.github.wasmton.article;

import static io.github.wasmton.wasmtime.WasmValType.I32;
import static io.github.wasmton.wasmtime.WasmValType.I64;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicReference;

import com.linecorp.decaton.processor.DecatonProcessor;
import com.linecorp.decaton.processor.ProcessingContext;

import io.github.wasmton.wasmtime.Engine;
import io.github.wasmton.wasmtime.Extern;
import io.github.wasmton.wasmtime.Func;
import io.github.wasmton.wasmtime.Linker;
import io.github.wasmton.wasmtime.Memory;
import io.github.wasmton.wasmtime.Module;
import io.github.wasmton.wasmtime.Store;
import io.github.wasmton.wasmtime.WasmFunctions;
import io.github.wasmton.wasmtime.wasi.PreopenDir;
import io.github.wasmton.wasmtime.wasi.Wasi;
import io.github.wasmton.wasmtime.wasi.WasiConfig;

// From here on quoted, for compatibility, from "Adding experimental WebAssembly support to Decaton - Part 1", as it is
// printed there: the binding has to go on to compile and run it. Only package and imports are ours.

public class WasmtonProcessor implements DecatonProcessor<byte[]> {
    private final Store store;
    private final Linker linker;
    private final Wasi wasi;
    private final Memory mem;
    private final Func pollTaskFunc;
    private final Func runFunc;
    private final AtomicReference<byte[]> currentTask;

    public WasmtonProcessor(String wasmPath) {
        store = new Store();
        linker = new Linker(store);
        WasiConfig config = new WasiConfig(new String[0],
                                           // Mount current dir as root for wasm processor
                                           new PreopenDir[] { new PreopenDir("./", "/") });
        wasi = new Wasi(store, config);
        wasi.addToLinker(linker);
        currentTask = new AtomicReference<>();
        AtomicReference<Memory> memRef = new AtomicReference<>();

        // poll_task extern function implementation
        pollTaskFunc = WasmFunctions.wrap(store, I64, I32, I32, (bufAddr, bufLen) -> {
            byte[] task = currentTask.getAndSet(null);
            if (task == null || bufLen < task.length) {
                return -1;
            }
            ByteBuffer buf = memRef.get().buffer();
            buf.position(bufAddr.intValue()); // Seek to the task buffer's location
            buf.put(task);
            return task.length;
        });
        linker.define("decaton", "poll_task", Extern.fromFunc(pollTaskFunc));
        try (Engine engine = store.engine();
             Module module = Module.fromFile(engine, wasmPath)) {
            linker.module("", module);
        }
        mem = linker.getOneByName("", "memory").memory();
        memRef.set(mem);
        runFunc = linker.getOneByName("", "run").func();
    }

    @Override
    public void process(ProcessingContext<byte[]> context, byte[] task) throws InterruptedException {
        currentTask.set(task);
        WasmFunctions.consumer(runFunc).accept();
    }

    @Override
    public void close() {
        runFunc.close();
        pollTaskFunc.close();
        mem.close();
        wasi.close();
        linker.close();
        store.close();
    }
}
