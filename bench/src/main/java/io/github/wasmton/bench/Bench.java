package io.github.wasmton.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.results.format.ResultFormatFactory;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.NoBenchmarksException;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * The program that runs the benchmarks and prints how they compare. The arguments are JMH's: a regular expression that
 * selects benchmarks, {@code -f} for the number of rounds, and so on. Results are written to the folder
 * {@code wasmton.bench.results}.
 *
 * <p>Times on a shared machine mean little and change from second to second. Operations of nanoseconds are therefore
 * measured {@link SideBySide} with their reference. The other JMH benchmarks run in rounds, each benchmark in its own
 * JVM, and a ratio compares measurements of the same round. All times are CPU times, not wall-clock times.
 */
public final class Bench {
    private static final int ROUNDS = 2;

    private Bench() {}

    public static void main(String[] args)
            throws CommandLineOptionException, RunnerException, IOException, InterruptedException {
        CommandLineOptions given = new CommandLineOptions(args);
        int rounds = given.getForkCount().orElse(ROUNDS);
        Map<String, List<RunResult>> results = new LinkedHashMap<>();
        for (int round = 0; round < rounds; round++) {
            for (RunResult result : runOnce(given)) {
                results.computeIfAbsent(JmhRatios.name(result), name -> new ArrayList<>()).add(result);
            }
        }

        List<Ratio> ratios = JmhRatios.of(results);
        if (isWanted(given, EngineBenchmark.class)) {
            ratios.addAll(EngineBenchmark.run());
        }
        if (isWanted(given, InFlightBenchmark.class)) {
            ratios.addAll(InFlightBenchmark.run());
        }
        if (isWanted(given, StreamsBenchmark.class)) {
            ratios.addAll(StreamsBenchmark.run());
        }
        if (isWanted(given, NeighbourBenchmark.class)) {
            ratios.addAll(NeighbourBenchmark.run());
        }
        Path folder = Files.createDirectories(Path.of(System.getProperty("wasmton.bench.results")));
        ResultFormatFactory.getInstance(ResultFormatType.JSON, folder.resolve("jmh.json").toString())
                .writeOut(results.values().stream().flatMap(List::stream).toList());
        Files.writeString(folder.resolve("ratios.json"),
                ratios.stream().map(Ratio::json).collect(Collectors.joining(",\n    ", "[\n    ", "\n]\n")));
        String table = Ratio.TABLE_HEAD + ratios.stream().map(Ratio::tableRow).collect(Collectors.joining());
        Files.writeString(folder.resolve("ratios.md"), table);
        System.out.println("\n" + table + "\nAll figures are in " + folder);
    }

    private static List<RunResult> runOnce(CommandLineOptions given) throws RunnerException {
        try {
            Options options = new OptionsBuilder().parent(given).forks(1).shouldFailOnError(true)
                    .addProfiler(GCProfiler.class).addProfiler(CpuProfiler.class).build();
            return new ArrayList<>(new Runner(options).run());
        } catch (NoBenchmarksException e) {
            return List.of();  // what is wanted is not one of JMH's
        }
    }

    private static boolean isWanted(CommandLineOptions given, Class<?> benchmark) {
        return given.getIncludes().isEmpty()
                || given.getIncludes().stream().anyMatch(i -> Pattern.compile(i).matcher(benchmark.getName()).find());
    }
}
