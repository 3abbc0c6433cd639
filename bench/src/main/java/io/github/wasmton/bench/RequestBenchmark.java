package io.github.wasmton.bench;

import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;

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

import io.github.wasmton.wasmtime.Engine;
import io.github.wasmton.wasmtime.Store;
import io.github.wasmton.wasmtime.component.Component;
import io.github.wasmton.wasmtime.component.ComponentInstancePre;
import io.github.wasmton.wasmtime.component.ComponentLinker;
import io.github.wasmton.wasmtime.wasi.Wasi;
import io.github.wasmton.wasmtime.wasi.WasiConfig;

/** A Store and an instance of a component for each request. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 15, time = 1)
public class RequestBenchmark {
    private static final int FEW = 20;

    /** The exports of the guest command. */
    public interface Command {
        Run run();
    }

    /** Its interface. */
    public interface Run {
        void run();
    }

    /** A function of the component. */
    public interface Adder {
        int add(int a, int b);
    }

    /** Components that are linked for each request, and once. */
    @State(Scope.Thread)
    public static class Requests {
        final Engine engine = new Engine();
        final ComponentLinker plainLinker = new ComponentLinker();
        final ComponentLinker linker = new ComponentLinker();
        final Component plain = Component.fromFile(engine, Guests.text("components"));
        final Component command = Component.fromFile(engine, Guests.built("command"));
        final ComponentInstancePre linkedPlain;
        final ComponentInstancePre linkedCommand;

        public Requests() {
            Wasi.addToLinker(linker);
            linkedPlain = plainLinker.instantiatePre(plain);
            linkedCommand = linker.instantiatePre(command);
        }

        Adder plain(boolean once, Store store) {
            return once ? linkedPlain.instantiate(store, Adder.class)
                    : plainLinker.instantiate(store, plain, Adder.class);
        }

        Command command(boolean once, Store store) {
            new Wasi(store, WasiConfig.EMPTY);
            return once ? linkedCommand.instantiate(store, Command.class)
                    : linker.instantiate(store, command, Command.class);
        }
    }

    /** A Store, an instance and one call, beside the same with linking. */
    @Benchmark
    @OperationsPerInvocation(FEW)
    public void linkedOnce(Requests requests, SideBySide times, Blackhole results) {
        besideLinking(requests, times, results, (once, store) -> requests.plain(once, store).add(FEW, 1));
    }

    /** Likewise with a component of Rust that uses WASI, without a call. */
    @Benchmark
    @OperationsPerInvocation(FEW)
    public void linkedOnceWithWasi(Requests requests, SideBySide times, Blackhole results) {
        besideLinking(requests, times, results, (once, store) -> requests.command(once, store).run());
    }

    private static void besideLinking(Requests requests, SideBySide times, Blackhole results,
            BiFunction<Boolean, Store, Object> request) {
        for (boolean once : new boolean[] {true, false}) {
            if (once) {
                times.measure();
            } else {
                times.limit();
            }
            for (int i = 0; i < FEW; i++) {
                try (Store store = new Store(requests.engine)) {
                    results.consume(request.apply(once, store));
                }
            }
        }
        times.end(FEW);
    }
}
