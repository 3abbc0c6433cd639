package io.github.wasmton.bench.rivals;

import static io.github.wasmton.wasmtime.WasmValType.I32;
import static io.github.wasmton.wasmtime.WasmValType.I64;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

import io.github.wasmton.wasmtime.Engine;
import io.github.wasmton.wasmtime.Extern;
import io.github.wasmton.wasmtime.Linker;
import io.github.wasmton.wasmtime.Module;
import io.github.wasmton.wasmtime.Store;
import io.github.wasmton.wasmtime.WasmFunctions;
import io.github.wasmton.wasmtime.internal.NativeLibrary;

/**
 * A program that does what {@link ColdStart} does with this binding, and prints the CPU time of each phase. Linux has
 * the time of a process in ticks of 10 ms only, so it adds up those of the threads.
 */
final class StartPhases {
    private static long before;

    private StartPhases() {}

    public static void main(String[] args) throws IOException, ClassNotFoundException {
        byte[] wasm = Files.readAllBytes(Path.of(System.getProperty("wasmton.bench.guests"), "kernels.wasm"));
        end("main");
        Class.forName(NativeLibrary.class.getName());
        end("library");
        Engine engine = new Engine();
        end("engine");
        Module module = Module.fromBinary(engine, wasm);
        end("module");
        Store store = new Store(engine);
        Linker linker = new Linker(store);
        linker.define("host", "add", Extern.fromFunc(WasmFunctions.wrap(store, I32, I32, I32, Integer::sum)));
        linker.define("decaton", "poll_task",
                Extern.fromFunc(WasmFunctions.wrap(store, I64, I32, I32, (to, length) -> -1)));
        var add = WasmFunctions.func(linker.instantiate(module).getFunc("sum"), I32, I32, I32);
        end("instance");
        if (add.call(1, 2) != 3) {
            throw new AssertionError();
        }
        end("call");
    }

    private static void end(String phase) throws IOException {
        System.out.println(phase + ' ' + (cpuNanos() - before));
        before = cpuNanos();
    }

    private static long cpuNanos() throws IOException {
        long sum = 0;
        for (String thread : new File("/proc/self/task").list()) {
            Path file = Path.of("/proc/self/task", thread, "schedstat");
            try (BufferedReader times = Files.newBufferedReader(file)) {
                sum += Long.parseLong(times.readLine().split(" ")[0]);
            } catch (NoSuchFileException e) {
                continue;  // it has ended
            }
        }
        return sum;
    }
}
