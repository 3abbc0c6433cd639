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

import io.github.wasmton.wasmtime.Instance;
import io.github.wasmton.wasmtime.Linker;
import io.github.wasmton.wasmtime.Module;
import io.github.wasmton.wasmtime.Store;
import io.github.wasmton.wasmtime.WasmFunctions;

/** Functions of wasm called from Java. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 10, time = 300, timeUnit = TimeUnit.MILLISECONDS)
public class CallBenchmark {
    private static final int TIMES = 1000;

    /** The public binding. */
    @State(Scope.Thread)
    public static class Product {
        final WasmFunctions.Consumer0 empty;
        final WasmFunctions.Function2<Integer, Integer, Integer> add;
        int a = 1_000_000;  // no number that Integer keeps an object of
        int b = 2_000_000;

        public Product() {
            Store store = new Store();
            Module module = Module.fromFile(store.engine(), Guests.text("functions").toString());
            Instance instance = new Linker(store).instantiate(module);
            empty = WasmFunctions.consumer(instance.getFunc("empty"));
            add = WasmFunctions.func(instance.getFunc("add"), I32, I32, I32);
        }
    }

    /** wasmtime driven from Rust. */
    @State(Scope.Thread)
    public static class Rust {
        final long functions = Limit.functions(Guests.read(Guests.text("functions")));
    }

    @Benchmark
    @OperationsPerInvocation(TIMES)
    public void empty(Product product, Rust rust, SideBySide times) {
        times.measure();
        for (int i = 0; i < TIMES; i++) {
            product.empty.accept();
        }
        times.limit();
        Limit.crossings(TIMES);
        Limit.callEmpty(rust.functions, TIMES);
        times.end(TIMES);
    }

    @Benchmark
    @OperationsPerInvocation(TIMES)
    public void add(Product product, Rust rust, SideBySide times, Blackhole results) {
        times.measure();
        for (int i = 0; i < TIMES; i++) {
            results.consume(product.add.call(product.a, product.b).intValue());
        }
        times.limit();
        Limit.crossings(TIMES);
        Limit.callAdd(rust.functions, TIMES);
        times.end(TIMES);
    }
}
