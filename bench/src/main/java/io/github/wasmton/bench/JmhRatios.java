package io.github.wasmton.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.RunResult;

import io.github.wasmton.bench.Ratio.Goal;

/** The comparisons between JMH's results, with their goals. */
final class JmhRatios {
    private static final String CROSSING = "an empty JNI call";
    private static final String UPCALL = "a Java method called from Rust, nothing more";

    /** The measurements of each round, by benchmark name. */
    private final Map<String, List<RunResult>> results;
    private final List<Ratio> ratios = new ArrayList<>();

    private JmhRatios(Map<String, List<RunResult>> results) {
        this.results = results;
    }

    /** Returns the ratios of everything that was measured. */
    static List<Ratio> of(Map<String, List<RunResult>> results) {
        JmhRatios table = new JmhRatios(results);
        table.sideBySide("a task of 200 B through Guest.process", "TaskBenchmark.process",
                CROSSING + " + the guest run from Rust", Goal.atMost(1.35));
        table.sideBySide("the same", "TaskBenchmark.processBesideOwnBytes",
                CROSSING + " + the guest run from Rust on Rust's own bytes", Goal.NONE);
        table.sideBySide("the same through TaskRunner, with figures and what is done about failures",
                "TaskBenchmark.run", "Guest.process alone", Goal.NONE);
        table.sideBySide("a task of 200 B for a component through Guest.process", "TaskBenchmark.component",
                CROSSING + " + the component run from Rust", Goal.NONE);
        String zero = "its value through Guest.process, protocol 0";
        table.sideBySide("a record with 200 B, protocol 1", "Protocol1Benchmark.plainOne", zero, Goal.NONE);
        table.sideBySide("the same with a key and two headers", "Protocol1Benchmark.wholeOne", zero,
                Goal.atMost(1.5));
        table.sideBySide("a record with 200 B, protocol 1, in a series of 100", "Protocol1Benchmark.plainSeries", zero,
                Goal.NONE);
        table.sideBySide("the same with a key and two headers, in a series of 100", "Protocol1Benchmark.wholeSeries",
                zero, Goal.NONE);
        table.sideBySide("a task with 200 B in a batch of 100", "BatchBenchmark.empty",
                "one at a time, protocol 1", Goal.NONE);
        table.sideBySide("the same for a guest that waits 1 ms with each call", "BatchBenchmark.waiting",
                "one at a time", Goal.NONE);
        table.sideBySide("a task with a get and a set, protocol 1", "StateBenchmark.core", "a task without state",
                Goal.NONE);
        table.sideBySide("a task with a get and a set, component", "StateBenchmark.component", "a task without state",
                Goal.NONE);
        table.sideBySide("an empty wasm function from Java", "CallBenchmark.empty",
                CROSSING + " + the call from Rust", Goal.atMost(2.5));
        table.sideBySide("add(i32, i32) in wasm from Java", "CallBenchmark.add",
                CROSSING + " + the call from Rust", Goal.atMost(2.5));
        table.components();
        table.sideBySide("an empty Java function from wasm", "HostCallBenchmark.empty", UPCALL, Goal.atMost(3));
        table.sideBySide("add(i32, i32) in Java from wasm", "HostCallBenchmark.add", UPCALL, Goal.atMost(3));
        String jackson = "the same in Java (Jackson)";
        table.sideBySide("a JSON task of 200 B parsed in a guest: Rust (serde_json)", "JsonBenchmark.guest parse-json",
                jackson, Goal.atMost(1));
        table.sideBySide("Zig (std.json)", "JsonBenchmark.guest parse-json-zig", jackson, Goal.NONE);
        table.sideBySide("Go (encoding/json)", "JsonBenchmark.guest parse-json-go", jackson, Goal.NONE);
        table.sideBySide("Python (json)", "JsonBenchmark.guest parse-json-python", jackson, Goal.NONE);
        table.sideBySide("JavaScript (JSON.parse)", "JsonBenchmark.guest parse-json-js", jackson, Goal.NONE);
        for (String guest : List.of("poll", "messages")) {
            String name = guest.equals("poll") ? "a guest of one function" : "the sample guest";
            table.inRounds("file to GuestModule, " + name, "LoadBenchmark.load " + guest, "from Rust",
                    "LoadBenchmark.rustLoad " + guest);
            table.inRounds("instance made and dropped, " + name, "LoadBenchmark.instantiate " + guest, "from Rust",
                    "LoadBenchmark.rustInstantiate " + guest);
        }
        return table.ratios;
    }

    /** Adds the ratios of functions of components. */
    private void components() {
        String dynamic = CROSSING + " + the call from Rust with wasmtime's dynamic values";
        String typed = CROSSING + " + the call from Rust with types of Rust";
        String add = "add(s32, s32) of a component, through an interface";
        String describe = "(record of 4 fields, string of 20) -> result<string>";
        String length = "list<u8> of 64 KiB to a component";
        String bytes = "list<u8> of 64 KiB from a component";
        String request = "a Store, a component's instance and a call, linked once";
        sideBySide(request, "RequestBenchmark.linkedOnce", "the same, linked each time", Goal.NONE);
        sideBySide("the same without a call, of Rust and with WASI", "RequestBenchmark.linkedOnceWithWasi",
                "the same, linked each time", Goal.NONE);
        sideBySide(add, "ComponentBenchmark.addBesideCore", "add(i32, i32) in core wasm from Java", Goal.atMost(2));
        sideBySide(add, "ComponentBenchmark.addBesideDynamic", dynamic, Goal.NONE);
        sideBySide(add, "ComponentBenchmark.addBesideTyped", typed, Goal.NONE);
        sideBySide("the same by ComponentFunc", "ComponentBenchmark.addByFunc", dynamic, Goal.NONE);
        sideBySide("add(s32, s32) of a component from Rust, with types of Rust", "ComponentBenchmark.addInRust",
                "add(i32, i32) in core wasm from Rust", Goal.NONE);
        sideBySide("the same in an engine for async components", "ComponentBenchmark.addAsyncInRust",
                "in one without", Goal.NONE);
        sideBySide(add + ", in an engine for async components", "ComponentBenchmark.addAsync",
                typed + ", in such an engine", Goal.NONE);
        sideBySide(describe, "ComponentBenchmark.describe", dynamic, Goal.atMost(1.3));
        sideBySide(describe + ", through an interface", "ComponentBenchmark.describeTyped", dynamic,
                Goal.atMost(1.3));
        sideBySide(describe + ", through an interface", "ComponentBenchmark.describeBesideTyped", typed, Goal.NONE);
        sideBySide(length, "ComponentBenchmark.length", dynamic, Goal.atMost(1.3));
        sideBySide(length, "ComponentBenchmark.lengthBesideTyped", typed, Goal.NONE);
        sideBySide(length, "ComponentBenchmark.lengthBesideCopy", "a copy between two Java arrays", Goal.NONE);
        sideBySide(bytes, "ComponentBenchmark.bytes", dynamic, Goal.atMost(1.3));
        sideBySide(bytes, "ComponentBenchmark.bytesBesideTyped", typed, Goal.NONE);
        sideBySide(bytes, "ComponentBenchmark.bytesBesideCopy", "a clone of a Java array", Goal.NONE);
    }

    /** Returns a result's name: class, method, and the parameter's value. */
    static String name(RunResult result) {
        String[] parts = result.getParams().getBenchmark().split("\\.");
        String guest = result.getParams().getParam("guest");
        return parts[parts.length - 2] + '.' + parts[parts.length - 1] + (guest == null ? "" : ' ' + guest);
    }

    /** Adds the ratio within a benchmark that does both parts. */
    private void sideBySide(String what, String benchmark, String against, Goal goal) {
        if (!results.containsKey(benchmark)) {
            return;  // left out by the arguments
        }
        double[] subject = each(benchmark, it -> value(it, "measuredNanos") / value(it, "operations"));
        double[] limit = each(benchmark, it -> value(it, "limitNanos") / value(it, "operations"));
        double[] quotients = each(benchmark, it -> value(it, "measuredNanos") / value(it, "limitNanos"));
        double[] bytes = each(benchmark, it -> value(it, "measuredBytes") / value(it, "operations"));
        ratios.add(new Ratio(what, median(subject), against, median(limit), "ns", median(quotients), goal,
                median(bytes)));
    }

    /** Adds the ratio of two benchmarks, each in its own JVM in each round. */
    private void inRounds(String what, String measured, String against, String limit) {
        if (!results.containsKey(measured) || !results.containsKey(limit)) {
            return;
        }
        double[] subject = times(measured);
        double[] times = times(limit);
        double[] quotients = IntStream.range(0, subject.length).mapToDouble(i -> subject[i] / times[i]).toArray();
        double bytes = median(each(measured, it -> value(it, "gc.alloc.rate.norm")));
        ratios.add(new Ratio(what, median(subject), against, median(times), "ns", median(quotients), Goal.NONE, bytes));
    }

    /**
     * Returns the CPU time of one operation in each round. It is the median, because disturbances only make operations
     * slower.
     */
    private double[] times(String name) {
        return results.get(name).stream().mapToDouble(round -> median(iterations(round)
                .mapToDouble(it -> value(it, CpuProfiler.LABEL)).toArray())).toArray();
    }

    /** Returns one value for each iteration of all rounds. */
    private double[] each(String name, ToDoubleFunction<IterationResult> value) {
        return results.get(name).stream().flatMap(JmhRatios::iterations).mapToDouble(value).toArray();
    }

    private static Stream<IterationResult> iterations(RunResult round) {
        return round.getAggregatedResult().getIterationResults().stream();
    }

    private static double value(IterationResult iteration, String label) {
        return iteration.getSecondaryResults().get(label).getScore();
    }

    static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
