package io.github.wasmton.bench.rivals;

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

/** A set of operations, run by each runtime. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 4, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 6, time = 300, timeUnit = TimeUnit.MILLISECONDS)
@State(Scope.Thread)
public class RivalsBenchmark {
    private static final int TIMES = 1000;

    /** The name of the runtime. */
    @Param({"wasmton", "wasmtime-java", "endive-compiled", "endive", "graalwasm"})
    public String rival;

    private final byte[] task = new byte[200];
    private final byte[] mib = new byte[Rival.MIB];
    private int a = 1_000_000;
    private int b = 2_000_000;
    private Rival it;

    @Setup
    public void instantiateRival() {
        it = Rival.of(rival);
    }

    @Benchmark
    public void empty() {
        it.empty();
    }

    @Benchmark
    public int add() {
        return it.add(a, b);
    }

    @Benchmark
    @OperationsPerInvocation(TIMES)
    public int callback() {
        return it.callbacks(TIMES);
    }

    @Benchmark
    public void task() {
        it.process(task);
    }

    @Benchmark
    public void write() {
        it.write(mib);
    }

    @Benchmark
    public void read() {
        it.read(mib);
    }

    @Benchmark
    public int fib() {
        return it.fib(25);
    }

    @Benchmark
    public int sha256() {
        return it.sha256();
    }

    @Benchmark
    public void instantiate() {
        it.instantiate();
    }

    @Benchmark
    public void load() {
        it.load();
    }
}
