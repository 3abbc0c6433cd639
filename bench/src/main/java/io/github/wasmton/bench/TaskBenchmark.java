package io.github.wasmton.bench;

import java.util.Map;
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

import io.github.wasmton.failure.FailureOptions;
import io.github.wasmton.guest.Guest;
import io.github.wasmton.guest.GuestModule;
import io.github.wasmton.guest.GuestOptions;
import io.github.wasmton.guest.Task;
import io.github.wasmton.internal.run.RunContext;
import io.github.wasmton.internal.run.TaskRunner;

/** One task, processed by a guest that takes it and does nothing else. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 10, time = 300, timeUnit = TimeUnit.MILLISECONDS)
public class TaskBenchmark {
    private static final int TIMES = 1000;
    private static final byte[] TASK = new byte[200];

    /** The product. */
    @State(Scope.Thread)
    public static class Product {
        final Task task = new Task("tasks", 0, 0, TASK);
        final Guest guest = GuestModule.load(Guests.text("poll"), GuestOptions.DEFAULT).instantiate();
    }

    /** The product with everything around it: the handling of failures, and the counters. */
    @State(Scope.Thread)
    public static class Whole {
        final Task task = new Task("tasks", 0, 0, TASK);
        final GuestModule module = GuestModule.load(Guests.text("poll"), GuestOptions.DEFAULT);
        final TaskRunner runner = new TaskRunner(module, RunContext.of(module, FailureOptions.DEFAULT, Map.of()));
    }

    /** wasmtime driven from Rust. */
    @State(Scope.Thread)
    public static class Rust {
        final long guest = Limit.guest(Limit.module(Limit.engine(), Guests.read(Guests.text("poll"))));
    }

    @Benchmark
    @OperationsPerInvocation(TIMES)
    public void process(Product product, Rust rust, SideBySide times, Blackhole results) {
        processTasks(product, times, results);
        Limit.runTasks(rust.guest, TASK, TIMES);
        times.end(TIMES);
    }

    @Benchmark
    @OperationsPerInvocation(TIMES)
    public void processBesideOwnBytes(Product product, Rust rust, SideBySide times, Blackhole results) {
        processTasks(product, times, results);
        Limit.runTasksOfRust(rust.guest, TASK, TIMES);
        times.end(TIMES);
    }

    /** Measures the product, and the crossings of its reference. */
    private static void processTasks(Product product, SideBySide times, Blackhole results) {
        times.measure();
        for (int i = 0; i < TIMES; i++) {
            results.consume(product.guest.process(product.task));
        }
        times.limit();
        Limit.crossings(TIMES);
    }

    /** A component of the world, whose process does nothing. */
    @State(Scope.Thread)
    public static class WorldProduct {
        final Task task = new Task("tasks", 0, 0, TASK);
        final Guest guest = GuestModule.load(Guests.text("process"), GuestOptions.DEFAULT).instantiate();
        final long rust = Limit.processor(Guests.read(Guests.text("process")), TASK.length);
    }

    @Benchmark
    @OperationsPerInvocation(TIMES)
    public void component(WorldProduct product, SideBySide times, Blackhole results) {
        times.measure();
        for (int i = 0; i < TIMES; i++) {
            results.consume(product.guest.process(product.task));
        }
        times.limit();
        Limit.crossings(TIMES);
        Limit.process(product.rust, TIMES);
        times.end(TIMES);
    }

    @Benchmark
    @OperationsPerInvocation(TIMES)
    public void run(Whole whole, Product product, SideBySide times, Blackhole results) {
        times.measure();
        for (int i = 0; i < TIMES; i++) {
            results.consume(whole.runner.process(whole.task));
        }
        times.limit();
        for (int i = 0; i < TIMES; i++) {
            results.consume(product.guest.process(product.task));
        }
        times.end(TIMES);
    }
}
