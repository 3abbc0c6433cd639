package io.github.wasmton.bench;

import java.util.Collections;
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
import io.github.wasmton.guest.Task;

/** Tasks in batches of 100, for a guest that does nothing and for one that waits for 1 ms with each batch. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 10, time = 300, timeUnit = TimeUnit.MILLISECONDS)
public class BatchBenchmark {
    private static final int SIZE = 100;

    private static final Task TASK = new Task("tasks", 0, 0, new byte[200]);

    /** Guests that take batches, and one that takes single tasks. */
    @State(Scope.Thread)
    public static class Product {
        final Guest empty = guest("batch");
        final Guest waiting = guest("batch-wait");
        final Guest single = guest("next");
        final List<Task> batch = Collections.nCopies(SIZE, TASK);

        private static Guest guest(String name) {
            return GuestModule.load(Guests.text(name), GuestOptions.DEFAULT).instantiate();
        }
    }

    @Benchmark
    @OperationsPerInvocation(SIZE)
    public void empty(Product product, SideBySide times, Blackhole results) {
        times.measure();
        results.consume(product.empty.processBatch(product.batch));
        times.limit();
        for (int i = 0; i < SIZE; i++) {
            results.consume(product.single.process(TASK));
        }
        times.end(SIZE);
    }

    @Benchmark
    @OperationsPerInvocation(SIZE)
    public void waiting(Product product, SideBySide times, Blackhole results) {
        times.measure();
        results.consume(product.waiting.processBatch(product.batch));
        times.limit();
        for (int i = 0; i < SIZE; i++) {
            results.consume(product.waiting.process(TASK));
        }
        times.end(SIZE);
    }
}
