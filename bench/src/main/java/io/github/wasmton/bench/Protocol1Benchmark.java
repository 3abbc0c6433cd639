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

/** Tasks for a guest of protocol 1, which takes them and does nothing else, beside the same for protocol 0. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 10, time = 300, timeUnit = TimeUnit.MILLISECONDS)
public class Protocol1Benchmark {
    private static final int TIMES = 1000;
    private static final int SERIES = 100;
    private static final byte[] VALUE = new byte[200];

    private static final Task PLAIN = new Task("tasks", 0, 0, VALUE);
    private static final Task WHOLE = new Task("tasks", 0, 0, 0, new byte[10], VALUE,
            List.of(new Task.Header("trace-id", new byte[16]), new Task.Header("type", new byte[5])), 1);

    /** Guests of both protocols. */
    @State(Scope.Thread)
    public static class Product {
        final Guest zero = guest("poll");
        final Guest one = guest("next");
        final List<Task> plain = Collections.nCopies(SERIES, PLAIN);
        final List<Task> whole = Collections.nCopies(SERIES, WHOLE);

        private static Guest guest(String name) {
            return GuestModule.load(Guests.text(name), GuestOptions.DEFAULT).instantiate();
        }
    }

    @Benchmark
    @OperationsPerInvocation(TIMES)
    public void plainOne(Product product, SideBySide times, Blackhole results) {
        one(product, PLAIN, times, results);
    }

    @Benchmark
    @OperationsPerInvocation(TIMES)
    public void wholeOne(Product product, SideBySide times, Blackhole results) {
        one(product, WHOLE, times, results);
    }

    @Benchmark
    @OperationsPerInvocation(TIMES)
    public void plainSeries(Product product, SideBySide times, Blackhole results) {
        series(product, product.plain, times, results);
    }

    @Benchmark
    @OperationsPerInvocation(TIMES)
    public void wholeSeries(Product product, SideBySide times, Blackhole results) {
        series(product, product.whole, times, results);
    }

    private static void one(Product product, Task task, SideBySide times, Blackhole results) {
        times.measure();
        for (int i = 0; i < TIMES; i++) {
            results.consume(product.one.process(task));
        }
        zero(product, times, results);
    }

    private static void series(Product product, List<Task> series, SideBySide times, Blackhole results) {
        times.measure();
        // A series during which the thread had to wait for a processor ends early, and the next one makes up for it.
        for (int done = 0; done < TIMES; ) {
            Guest.Series end = product.one.process(series.subList(0, Math.min(SERIES, TIMES - done)));
            done += end.done() + 1;
            results.consume(end);
        }
        zero(product, times, results);
    }

    /** Measures the reference: the value alone, to a guest of protocol 0. */
    private static void zero(Product product, SideBySide times, Blackhole results) {
        times.limit();
        for (int i = 0; i < TIMES; i++) {
            results.consume(product.zero.process(PLAIN));
        }
        times.end(TIMES);
    }
}
