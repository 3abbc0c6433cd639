package io.github.wasmton.bench.rivals;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.OptionsBuilder;

import io.github.wasmton.bench.CpuProfiler;

/**
 * The program that runs the benchmarks of all runtimes, and prints a table of our times and the ratios of the others.
 */
public final class Rivals {
    private static final String OURS = "wasmton";
    /** The argument for starts alone. */
    private static final String STARTS = "starts";
    private static final Map<String, String> ROWS = new LinkedHashMap<>();

    static {
        ROWS.put("empty", "an empty function called");
        ROWS.put("add", "add(i32, i32) called");
        ROWS.put("callback", "a Java function called by wasm");
        ROWS.put("task", "a task of 200 B handed over by poll_task");
        ROWS.put("write", "1 MiB written");
        ROWS.put("read", "1 MiB read");
        ROWS.put("fib", "fib(25), recursive");
        ROWS.put("sha256", "SHA-256 of 1 MiB");
        ROWS.put("instantiate", "an instance made and dropped");
        ROWS.put("load", "a module of 10 kB made of its bytes");
        ROWS.put("cold", "a JVM started, the module loaded, a function called");
        ROWS.put("archive", "the same with an archive of the classes");
    }

    private Rivals() {}

    public static void main(String[] args) throws Exception {
        boolean startsOnly = List.of(args).equals(List.of(STARTS));
        CommandLineOptions given = new CommandLineOptions(startsOnly ? new String[0] : args);
        Map<String, Map<String, Double>> times = startsOnly ? new TreeMap<>() : operations(given);
        List<String> rivals = new ArrayList<>(List.of(OURS));
        Stream<String> measured = startsOnly ? Arrays.stream(all())
                : times.values().stream().flatMap(row -> row.keySet().stream());
        measured.filter(it -> !rivals.contains(it)).forEach(rivals::add);
        if (given.getIncludes().isEmpty()) {
            for (String rival : rivals) {
                times.computeIfAbsent("cold", row -> new LinkedHashMap<>()).put(rival, Starts.of(rival));
                if (!rival.equals(Starts.GRAALWASM)) {
                    times.computeIfAbsent("archive", row -> new LinkedHashMap<>())
                            .put(rival, Starts.withArchive(rival));
                }
            }
        }
        System.out.println("\nProcessor time, " + System.getProperty("java.vm.name") + ' '
                + System.getProperty("java.version") + "\n\n" + table(rivals, times));
        if (given.getIncludes().isEmpty()) {
            System.out.println("A JVM that does nothing: " + time(Starts.ofNothing()));
            Starts.phases().forEach((phase, nanos) -> System.out.println(phase + ": " + time(nanos)));
        }
    }

    private static Map<String, Map<String, Double>> operations(CommandLineOptions given) throws RunnerException {
        ChainedOptionsBuilder options = new OptionsBuilder().parent(given).shouldFailOnError(true)
                .forks(given.getForkCount().orElse(1)).addProfiler(CpuProfiler.class);
        if (given.getIncludes().isEmpty()) {
            // Excludes those of :bench, which are on the class path too.
            options.include(RivalsBenchmark.class.getName());
        }
        Map<String, Map<String, Double>> times = new TreeMap<>();
        for (RunResult result : new Runner(options.build()).run()) {
            String name = result.getParams().getBenchmark();
            times.computeIfAbsent(name.substring(name.lastIndexOf('.') + 1), row -> new LinkedHashMap<>())
                    .put(result.getParams().getParam("rival"), median(result));
        }
        return times;
    }

    /** Returns the names of all runtimes. */
    private static String[] all() throws NoSuchFieldException {
        return RivalsBenchmark.class.getField("rival").getAnnotation(Param.class).value();
    }

    private static double median(RunResult result) {
        return median(result.getBenchmarkResults().stream().flatMap(it -> it.getIterationResults().stream())
                .map(it -> it.getSecondaryResults().get(CpuProfiler.LABEL).getScore()).toList());
    }

    static double median(List<Double> values) {
        return values.stream().sorted().toList().get(values.size() / 2);
    }

    private static String table(List<String> rivals, Map<String, Map<String, Double>> times) {
        StringBuilder table = new StringBuilder("| |");
        rivals.forEach(rival -> table.append(' ').append(rival).append(" |"));
        table.append("\n|---|").append("---:|".repeat(rivals.size())).append('\n');
        ROWS.forEach((row, what) -> {
            Map<String, Double> values = times.get(row);
            if (values == null) {
                return;
            }
            table.append("| ").append(what).append(" |");
            for (String rival : rivals) {
                Double value = values.get(rival);
                Double ours = values.get(OURS);
                table.append(' ').append(value == null ? "" : rival.equals(OURS) || ours == null ? time(value)
                        : String.format(Locale.ROOT, "x %.3g", value / ours)).append(" |");
            }
            table.append('\n');
        });
        return table.toString();
    }

    private static String time(double nanos) {
        String[] units = {"ns", "us", "ms", "s"};
        int unit = 0;
        double value = nanos;
        while (value >= 1000 && unit < units.length - 1) {
            value /= 1000;
            unit++;
        }
        return String.format(Locale.ROOT, "%.3g %s", value, units[unit]);
    }
}
