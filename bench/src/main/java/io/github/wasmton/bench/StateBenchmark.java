package io.github.wasmton.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.List;
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

import io.github.wasmton.guest.Guest;
import io.github.wasmton.guest.GuestModule;
import io.github.wasmton.guest.GuestOptions;
import io.github.wasmton.guest.StateAccess;
import io.github.wasmton.guest.StateStores;
import io.github.wasmton.guest.Task;

/** Tasks that get and set a key of a store which does nothing itself, beside tasks that use no store. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 10, time = 300, timeUnit = TimeUnit.MILLISECONDS)
public class StateBenchmark {
    private static final int TIMES = 100;

    /** Guests of both kinds. */
    @State(Scope.Thread)
    public static class Product {
        final Guest core = guest("state");
        final Guest plainCore = guest("next");
        final Guest component =
                GuestModule.load(Guests.built("count-component"), options()).instantiate();
        final Task task = task("nothing");
        final Task getAndSet = task("get-set counts k");
        final StateStores stores = new EmptyStores();

        private static GuestOptions options() {
            return GuestOptions.DEFAULT.withState(StateAccess.of("counts"));
        }

        private static Guest guest(String name) {
            return GuestModule.load(Guests.text(name), options()).instantiate();
        }

        private static Task task(String words) {
            return new Task("tasks", 0, 0, 0, new byte[10], words.getBytes(UTF_8), List.of(), 1);
        }
    }

    /** Stores that have the same value for each key. */
    private static final class EmptyStores implements StateStores {
        private static final byte[] VALUE = new byte[8];
        private int calls;

        @Override
        public byte[] get(int store, byte[] key) {
            calls++;
            return VALUE;
        }

        @Override
        public void set(int store, byte[] key, byte[] value) {
            calls++;
        }

        @Override
        public void delete(int store, byte[] key) {
            calls++;
        }

        @Override
        public List<Entry> scan(int store, byte[] from, byte[] to, int limit) {
            return List.of();
        }
    }

    @Benchmark
    @OperationsPerInvocation(TIMES)
    public void core(Product product, SideBySide times, Blackhole results) {
        measure(product.core, product.task, product.plainCore, product, times, results);
    }

    @Benchmark
    @OperationsPerInvocation(TIMES)
    public void component(Product product, SideBySide times, Blackhole results) {
        measure(product.component, product.getAndSet, product.component, product, times, results);
    }

    private static void measure(Guest guest, Task task, Guest plain, Product product, SideBySide times,
            Blackhole results) {
        times.measure();
        for (int i = 0; i < TIMES; i++) {
            results.consume(guest.process(task, product.stores));
        }
        times.limit();
        for (int i = 0; i < TIMES; i++) {
            results.consume(plain.process(product.task));
        }
        times.end(TIMES);
    }
}
