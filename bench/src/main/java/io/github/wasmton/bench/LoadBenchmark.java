package io.github.wasmton.bench;

import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

import io.github.wasmton.guest.GuestModule;
import io.github.wasmton.guest.GuestOptions;
import io.github.wasmton.wasmtime.CodeCache;

/** Loading of a guest from its file, and instantiation: for a small guest, and for the sample. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 2, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 10, time = 300, timeUnit = TimeUnit.MILLISECONDS)
public class LoadBenchmark {
    /** The guest's file. */
    @State(Scope.Thread)
    public static class File {
        @Param({"poll", "messages"})
        public String guest;
        Path path;

        @Setup
        public void find() {
            path = guest.equals("poll") ? Guests.text(guest) : Guests.built(guest);
        }
    }

    /** The product. */
    @State(Scope.Thread)
    public static class Product {
        GuestModule module;

        @Setup
        public void load(File file) {
            module = GuestModule.load(file.path, GuestOptions.DEFAULT, CodeCache.NONE);
        }
    }

    /** wasmtime driven from Rust. */
    @State(Scope.Thread)
    public static class Rust {
        final long engine = Limit.engine();
        long module;

        @Setup
        public void load(File file) {
            module = Limit.module(engine, Guests.read(file.path));
        }
    }

    @Benchmark
    public void load(File file) {
        GuestModule.load(file.path, GuestOptions.DEFAULT, CodeCache.NONE).close();
    }

    @Benchmark
    public void rustLoad(File file, Rust rust) {
        Limit.compile(rust.engine, Guests.read(file.path));
    }

    @Benchmark
    public void instantiate(Product product) {
        product.module.instantiate().close();
    }

    @Benchmark
    public void rustInstantiate(Rust rust) {
        Limit.instantiate(rust.module);
    }
}
