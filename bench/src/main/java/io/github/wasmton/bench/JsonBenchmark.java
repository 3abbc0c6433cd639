package io.github.wasmton.bench;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

import io.github.wasmton.guest.Guest;
import io.github.wasmton.guest.GuestModule;
import io.github.wasmton.guest.GuestOptions;
import io.github.wasmton.guest.Outcome;
import io.github.wasmton.guest.Task;

/** One task that is JSON, parsed by a guest and in Java. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 4, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 10, time = 300, timeUnit = TimeUnit.MILLISECONDS)
public class JsonBenchmark {
    private static final int TIMES = 100;
    private static final Task TASK = new Task("orders", 0, 0, ParseJson.ORDER.getBytes(StandardCharsets.UTF_8));

    /** The guest of a language, with the JSON library that its template has. */
    @State(Scope.Thread)
    public static class Product {
        @Param({"parse-json", "parse-json-zig", "parse-json-go", "parse-json-python", "parse-json-js"})
        public String guest;

        Guest instance;

        @Setup
        public void start() {
            instance = GuestModule.load(Guests.built(guest), GuestOptions.DEFAULT).instantiate();
            Outcome outcome = instance.process(TASK);
            if (outcome != Outcome.DONE) {
                throw new IllegalStateException(guest + ": " + outcome);
            }
        }
    }

    /** Java, with Jackson. */
    @State(Scope.Thread)
    public static class Jackson {
        final ParseJson processor = new ParseJson();
    }

    @Benchmark
    @OperationsPerInvocation(TIMES)
    public void guest(Product product, Jackson jackson, SideBySide times, Blackhole results) {
        times.measure();
        for (int i = 0; i < TIMES; i++) {
            results.consume(product.instance.process(TASK));
        }
        times.limit();
        for (int i = 0; i < TIMES; i++) {
            results.consume(jackson.processor.process(TASK));
        }
        times.end(TIMES);
    }
}
