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

import io.github.wasmton.wasmtime.Config;
import io.github.wasmton.wasmtime.Engine;
import io.github.wasmton.wasmtime.Linker;
import io.github.wasmton.wasmtime.Module;
import io.github.wasmton.wasmtime.Store;
import io.github.wasmton.wasmtime.WasmFeature;
import io.github.wasmton.wasmtime.WasmFunctions;
import io.github.wasmton.wasmtime.component.Component;
import io.github.wasmton.wasmtime.component.ComponentFunc;
import io.github.wasmton.wasmtime.component.ComponentInstance;
import io.github.wasmton.wasmtime.component.ComponentLinker;
import io.github.wasmton.wasmtime.component.ComponentRecord;

/** Functions of components called from Java. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 10, time = 300, timeUnit = TimeUnit.MILLISECONDS)
public class ComponentBenchmark {
    private static final int TIMES = 1000;
    private static final int FEW = 20;
    private static final int BYTES = 64 << 10;
    // The numbers of the functions in bench/rust.
    private static final int ADD = 0;
    private static final int DESCRIBE = 1;
    private static final int LENGTH = 2;
    private static final int RESULT = 3;

    /** A record of WIT. */
    public record Item(long id, long count, double price, boolean ready) {}

    /** The component's functions. */
    public interface Functions {
        int add(int a, int b);

        String describe(Item item, String text);

        long length(byte[] data);
    }

    /** The public binding. */
    @State(Scope.Thread)
    public static class Product {
        final Functions typed;
        final ComponentFunc add;
        final ComponentFunc describe;
        final ComponentFunc length;
        final ComponentFunc bytes;
        final WasmFunctions.Function2<Integer, Integer, Integer> core;
        final byte[] data = new byte[BYTES];
        final byte[] copy = new byte[BYTES];
        final ComponentRecord dynamicItem =
                ComponentRecord.of("id", 1L << 40, "count", 1_000_000L, "price", 9.75, "ready", true);
        final Item item = new Item(1L << 40, 1_000_000, 9.75, true);
        final String text = "twenty characters. .";
        int a = 1_000_000;
        int b = 2_000_000;

        public Product() {
            Store store = new Store();
            Component component = Component.fromFile(store.engine(), Guests.text("components"));
            ComponentInstance instance = new ComponentLinker().instantiate(store, component);
            typed = instance.as(Functions.class);
            add = instance.getFunc("add");
            describe = instance.getFunc("describe");
            length = instance.getFunc("length");
            bytes = instance.getFunc("bytes");
            Module module = Module.fromFile(store.engine(), Guests.text("functions").toString());
            core = WasmFunctions.func(new Linker(store).instantiate(module).getFunc("add"), I32, I32, I32);
        }
    }

    /** The public binding in an engine for async components, with a component that has no async functions. */
    @State(Scope.Thread)
    public static class AsyncProduct {
        final Functions typed;

        public AsyncProduct() {
            Engine engine = new Engine(new Config().wasmFeature(WasmFeature.COMPONENT_MODEL_ASYNC, true));
            Component component = Component.fromFile(engine, Guests.text("components"));
            typed = new ComponentLinker().instantiate(new Store(engine), component, Functions.class);
        }
    }

    /** wasmtime driven from Rust. */
    @State(Scope.Thread)
    public static class Rust {
        final long functions = Limit.component(Guests.read(Guests.text("components")), BYTES, false);
        final long core = Limit.functions(Guests.read(Guests.text("functions")));
    }

    /** wasmtime driven from Rust, in an engine for async components. */
    @State(Scope.Thread)
    public static class AsyncRust {
        final long functions = Limit.component(Guests.read(Guests.text("components")), BYTES, true);
    }

    @Benchmark
    @OperationsPerInvocation(TIMES)
    public void addBesideCore(Product product, SideBySide times, Blackhole results) {
        addTyped(product, times, results);
        for (int i = 0; i < TIMES; i++) {
            results.consume(product.core.call(product.a, product.b).intValue());
        }
        times.end(TIMES);
    }

    @Benchmark
    @OperationsPerInvocation(TIMES)
    public void addBesideDynamic(Product product, Rust rust, SideBySide times, Blackhole results) {
        addTyped(product, times, results);
        endBesideDynamic(times, rust, ADD, TIMES);
    }

    @Benchmark
    @OperationsPerInvocation(TIMES)
    public void addBesideTyped(Product product, Rust rust, SideBySide times, Blackhole results) {
        addTyped(product, times, results);
        endBesideTyped(times, rust.functions, ADD, TIMES);
    }

    /** Measures calls through an interface. */
    private static void addTyped(Product product, SideBySide times, Blackhole results) {
        times.measure();
        for (int i = 0; i < TIMES; i++) {
            results.consume(product.typed.add(product.a, product.b));
        }
        times.limit();
    }

    @Benchmark
    @OperationsPerInvocation(TIMES)
    public void addByFunc(Product product, Rust rust, SideBySide times, Blackhole results) {
        times.measure();
        for (int i = 0; i < TIMES; i++) {
            results.consume(product.add.call(product.a, product.b));
        }
        times.limit();
        endBesideDynamic(times, rust, ADD, TIMES);
    }

    /** Measures what wasmtime's own call of a component costs beside that of a core module. */
    @Benchmark
    @OperationsPerInvocation(TIMES)
    public void addInRust(Rust rust, SideBySide times) {
        times.measure();
        Limit.callTyped(rust.functions, ADD, TIMES);
        times.limit();
        Limit.callAdd(rust.core, TIMES);
        times.end(TIMES);
    }

    @Benchmark
    @OperationsPerInvocation(TIMES)
    public void addAsyncInRust(AsyncRust async, Rust rust, SideBySide times) {
        times.measure();
        Limit.callTyped(async.functions, ADD, TIMES);
        times.limit();
        Limit.callTyped(rust.functions, ADD, TIMES);
        times.end(TIMES);
    }

    @Benchmark
    @OperationsPerInvocation(TIMES)
    public void addAsync(AsyncProduct product, AsyncRust async, SideBySide times, Blackhole results) {
        times.measure();
        for (int i = 0; i < TIMES; i++) {
            results.consume(product.typed.add(1_000_000, 2_000_000));
        }
        times.limit();
        endBesideTyped(times, async.functions, ADD, TIMES);
    }

    @Benchmark
    @OperationsPerInvocation(TIMES)
    public void describe(Product product, Rust rust, SideBySide times, Blackhole results) {
        times.measure();
        for (int i = 0; i < TIMES; i++) {
            results.consume(product.describe.call(product.dynamicItem, product.text));
        }
        times.limit();
        endBesideDynamic(times, rust, DESCRIBE, TIMES);
    }

    @Benchmark
    @OperationsPerInvocation(TIMES)
    public void describeTyped(Product product, Rust rust, SideBySide times, Blackhole results) {
        describeTyped(product, times, results);
        endBesideDynamic(times, rust, DESCRIBE, TIMES);
    }

    @Benchmark
    @OperationsPerInvocation(TIMES)
    public void describeBesideTyped(Product product, Rust rust, SideBySide times, Blackhole results) {
        describeTyped(product, times, results);
        endBesideTyped(times, rust.functions, DESCRIBE, TIMES);
    }

    /** Measures calls through an interface. */
    private static void describeTyped(Product product, SideBySide times, Blackhole results) {
        times.measure();
        for (int i = 0; i < TIMES; i++) {
            results.consume(product.typed.describe(product.item, product.text));
        }
        times.limit();
    }

    @Benchmark
    @OperationsPerInvocation(FEW)
    public void length(Product product, Rust rust, SideBySide times, Blackhole results) {
        length(product, times, results);
        endBesideDynamic(times, rust, LENGTH, FEW);
    }

    @Benchmark
    @OperationsPerInvocation(FEW)
    public void lengthBesideTyped(Product product, Rust rust, SideBySide times, Blackhole results) {
        length(product, times, results);
        endBesideTyped(times, rust.functions, LENGTH, FEW);
    }

    @Benchmark
    @OperationsPerInvocation(FEW)
    public void lengthBesideCopy(Product product, SideBySide times, Blackhole results) {
        length(product, times, results);
        for (int i = 0; i < FEW; i++) {
            System.arraycopy(product.data, 0, product.copy, 0, BYTES);
            results.consume(product.copy);
        }
        times.end(FEW);
    }

    /** Measures calls that give a list to the component. */
    private static void length(Product product, SideBySide times, Blackhole results) {
        times.measure();
        for (int i = 0; i < FEW; i++) {
            results.consume(product.length.call((Object) product.data));
        }
        times.limit();
    }

    @Benchmark
    @OperationsPerInvocation(FEW)
    public void bytes(Product product, Rust rust, SideBySide times, Blackhole results) {
        bytes(product, times, results);
        endBesideDynamic(times, rust, RESULT, FEW);
    }

    @Benchmark
    @OperationsPerInvocation(FEW)
    public void bytesBesideTyped(Product product, Rust rust, SideBySide times, Blackhole results) {
        bytes(product, times, results);
        endBesideTyped(times, rust.functions, RESULT, FEW);
    }

    @Benchmark
    @OperationsPerInvocation(FEW)
    public void bytesBesideCopy(Product product, SideBySide times, Blackhole results) {
        bytes(product, times, results);
        for (int i = 0; i < FEW; i++) {
            results.consume(product.data.clone());
        }
        times.end(FEW);
    }

    /** Measures calls that take a list from the component. */
    private static void bytes(Product product, SideBySide times, Blackhole results) {
        times.measure();
        for (int i = 0; i < FEW; i++) {
            results.consume(product.bytes.call(BYTES));
        }
        times.limit();
    }

    /** Measures the limit: crossings into native code, and calls from Rust with dynamic values. */
    private static void endBesideDynamic(SideBySide times, Rust rust, int function, int count) {
        Limit.crossings(count);
        Limit.callDynamic(rust.functions, function, count);
        times.end(count);
    }

    /** Measures the limit: crossings into native code, and calls from Rust with types of Rust. */
    private static void endBesideTyped(SideBySide times, long functions, int function, int count) {
        Limit.crossings(count);
        Limit.callTyped(functions, function, count);
        times.end(count);
    }
}
