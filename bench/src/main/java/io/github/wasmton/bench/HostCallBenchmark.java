package io.github.wasmton.bench;

import static io.github.wasmton.wasmtime.WasmValType.I32;

import java.util.concurrent.TimeUnit;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

import io.github.wasmton.wasmtime.Extern;
import io.github.wasmton.wasmtime.Instance;
import io.github.wasmton.wasmtime.Linker;
import io.github.wasmton.wasmtime.Module;
import io.github.wasmton.wasmtime.Store;
import io.github.wasmton.wasmtime.WasmFunctions;

/** Java functions called from a loop in wasm. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 10, time = 300, timeUnit = TimeUnit.MILLISECONDS)
public class HostCallBenchmark {
    private static final int TIMES = 1000;

    /** The public binding. */
    @State(Scope.Thread)
    public static class Product {
        final WasmFunctions.Consumer1<Integer> empty;
        final WasmFunctions.Function1<Integer, Integer> add;

        public Product() {
            Store store = new Store();
            Linker linker = new Linker(store);
            linker.define("host", "empty", Extern.fromFunc(WasmFunctions.wrap(store, () -> {})));
            linker.define("host", "add", Extern.fromFunc(WasmFunctions.wrap(store, I32, I32, I32, Integer::sum)));
            Instance instance = linker.instantiate(
                    Module.fromFile(store.engine(), Guests.text("callbacks").toString()));
            empty = WasmFunctions.consumer(instance.getFunc("empty"), I32);
            add = WasmFunctions.func(instance.getFunc("add"), I32, I32);
        }
    }

    @Benchmark
    @OperationsPerInvocation(TIMES)
    public void empty(Product product, SideBySide times) {
        times.measure();
        product.empty.accept(TIMES);
        times.limit();
        Limit.upcalls(TIMES);
        times.end(TIMES);
    }

    @Benchmark
    @OperationsPerInvocation(TIMES)
    public void add(Product product, SideBySide times, Blackhole results) {
        times.measure();
        results.consume(product.add.call(TIMES).intValue());
        times.limit();
        Limit.upcalls(TIMES);
        times.end(TIMES);
    }
}
