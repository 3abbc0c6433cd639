package io.github.wasmton.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

import org.openjdk.jmh.results.RunResult;

import io.github.wasmton.bench.Ratio.Goal;

/** Which of JMH's results are compared, and what should come out. */
final class JmhRatios {
    private static final String CROSSING = "an empty JNI call";
    private static final String UPCALL = "a Java method called from Rust, nothing more";

    /** By name, what each round measured. */
    private final Map<String, List<RunResult>> results;
    private final List<Ratio> ratios = new ArrayList<>();

    private JmhRatios(Map<String, List<RunResult>> results) {
        this.results = results;
    }

    /** The ratios of everything that was measured. */
    static List<Ratio> of(Map<String, List<RunResult>> results) {
        JmhRatios table = new JmhRatios(results);
        table.add("a task of 200 B through Guest.process", "TaskBenchmark.process",
                CROSSING + " + the guest run from Rust", Goal.atMost(1.35),
                "TaskBenchmark.crossing", "TaskBenchmark.rust");
        table.add("the same", "TaskBenchmark.process",
                CROSSING + " + the guest run from Rust on Rust's own bytes", Goal.NONE,
                "TaskBenchmark.crossing", "TaskBenchmark.rustOwnBytes");
        table.add("the same through TaskRunner, with figures and what is done about failures", "TaskBenchmark.run",
                "Guest.process alone", Goal.NONE, "TaskBenchmark.process");
        table.add("an empty wasm function from Java", "CallBenchmark.empty",
                CROSSING + " + the call from Rust", Goal.atMost(2.5),
                "CallBenchmark.crossing", "CallBenchmark.rustEmpty");
        table.add("add(i32, i32) in wasm from Java", "CallBenchmark.add",
                CROSSING + " + the call from Rust", Goal.atMost(2.5),
                "CallBenchmark.crossing", "CallBenchmark.rustAdd");
        table.add("an empty Java function from wasm", "HostCallBenchmark.empty",
                UPCALL, Goal.atMost(3), "HostCallBenchmark.rust");
        table.add("add(i32, i32) in Java from wasm", "HostCallBenchmark.add",
                UPCALL, Goal.atMost(3), "HostCallBenchmark.rust");
        table.add("a JSON task of 200 B parsed in a guest (serde_json)", "JsonBenchmark.guest",
                "the same in Java (Jackson)", Goal.NONE, "JsonBenchmark.jackson");
        for (String guest : List.of("poll", "messages")) {
            String name = guest.equals("poll") ? "a guest of one function" : "the sample guest";
            table.add("file to GuestModule, " + name, "LoadBenchmark.load " + guest, "from Rust", Goal.NONE,
                    "LoadBenchmark.rustLoad " + guest);
            table.add("instance made and dropped, " + name, "LoadBenchmark.instantiate " + guest, "from Rust",
                    Goal.NONE, "LoadBenchmark.rustInstantiate " + guest);
        }
        return table.ratios;
    }

    /** A result's name: class, method, and the parameter's value. */
    static String name(RunResult result) {
        String[] parts = result.getParams().getBenchmark().split("\\.");
        String guest = result.getParams().getParam("guest");
        return parts[parts.length - 2] + '.' + parts[parts.length - 1] + (guest == null ? "" : ' ' + guest);
    }

    private void add(String what, String measured, String against, Goal goal, String... limits) {
        List<String> all = new ArrayList<>(List.of(limits));
        all.add(measured);
        if (!results.keySet().containsAll(all)) {
            return;  // left out by the arguments
        }
        double[] subject = times(measured);
        double[] limit = IntStream.range(0, subject.length)
                .mapToDouble(round -> Arrays.stream(limits).mapToDouble(name -> times(name)[round]).sum()).toArray();
        double[] quotients = IntStream.range(0, subject.length).mapToDouble(i -> subject[i] / limit[i]).toArray();
        double bytes = median(values(measured, "gc.alloc.rate.norm"));
        ratios.add(new Ratio(what, median(subject), against, median(limit), "ns", median(quotients), goal, bytes));
    }

    /** The processor time of one operation in each round. */
    private double[] times(String name) {
        return values(name, CpuProfiler.LABEL);
    }

    /** One value a round: the median of its iterations, because what disturbs makes slower, never faster. */
    private double[] values(String name, String label) {
        return results.get(name).stream().mapToDouble(result -> median(result.getAggregatedResult()
                .getIterationResults().stream().mapToDouble(i -> i.getSecondaryResults().get(label).getScore())
                .toArray())).toArray();
    }

    static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
