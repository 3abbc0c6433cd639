package io.github.wasmton.bench.rivals;

import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Starts of JVMs that load a runtime and a module and call a function. */
final class Starts {
    /** The runtime whose compiler needs options that slow each JVM down, and rule out an archive of classes. */
    static final String GRAALWASM = "graalwasm";
    private static final int TIMES = 7;
    /** Parts of the names of the jars that a runtime needs. Each further jar would make its start longer. */
    private static final Map<String, List<String>> JARS = Map.of(
            "wasmton", List.of("wasmtime-java-0.1"),
            "wasmtime-java", List.of("io.github.kawamuray", "slf4j-api"),
            "endive", List.of("run.endive"),
            "endive-compiled", List.of("run.endive", "org.ow2.asm"),
            GRAALWASM, List.of("org.graalvm"));

    private Starts() {}

    /** Returns the CPU time of a JVM that does nothing. */
    static double ofNothing() throws IOException, InterruptedException {
        return median(List.of(), "");
    }

    /** Returns the CPU time of a start, with the runtime of that name. */
    static double of(String rival) throws IOException, InterruptedException {
        return median(List.of(), rival);
    }

    /** Returns the CPU time of a start with an archive of the classes that such a start loads. */
    static double withArchive(String rival) throws IOException, InterruptedException {
        Path archive = Files.createTempDirectory("rivals").resolve("classes.jsa");
        try {
            run(List.of("-Xlog:disable", "-XX:ArchiveClassesAtExit=" + archive), rival, ColdStart.class, rival);
            return median(List.of("-Xlog:disable", "-XX:SharedArchiveFile=" + archive), rival);
        } finally {
            Files.deleteIfExists(archive);
            Files.delete(archive.getParent());
        }
    }

    /** Returns the CPU time of each phase of a start with this binding, as {@link StartPhases} prints them. */
    static Map<String, Double> phases() throws IOException, InterruptedException {
        Map<String, List<Double>> all = new LinkedHashMap<>();
        for (int i = 0; i < TIMES; i++) {
            for (String line : run(List.of(), "wasmton", StartPhases.class)) {
                String[] words = line.split(" ");
                all.computeIfAbsent(words[0], phase -> new ArrayList<>()).add(Double.valueOf(words[1]));
            }
        }
        Map<String, Double> medians = new LinkedHashMap<>();
        all.forEach((phase, times) -> medians.put(phase, Rivals.median(times)));
        return medians;
    }

    private static double median(List<String> options, String rival) throws IOException, InterruptedException {
        List<Double> times = new ArrayList<>();
        for (int i = 0; i < TIMES; i++) {
            String[] arguments = rival.isEmpty() ? new String[0] : new String[] {rival};
            List<String> lines = run(options, rival, ColdStart.class, arguments);
            times.add(Double.valueOf(lines.get(lines.size() - 1)));
        }
        return Rivals.median(times);
    }

    private static String classPath(String rival) {
        List<String> parts = JARS.getOrDefault(rival, List.of());
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(jar -> jar.contains("rivals-") || parts.stream().anyMatch(jar::contains))
                .collect(Collectors.joining(File.pathSeparator));
    }

    /** Runs a program and returns the lines that it prints. */
    private static List<String> run(List<String> options, String rival, Class<?> program, String... arguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        Stream<String> given = ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(it -> !it.startsWith("-Xm"))
                .filter(it -> rival.equals(GRAALWASM) || !it.contains("JVMCI") && !it.contains("upgrade-module-path"));
        given.forEach(command::add);
        command.addAll(options);
        command.addAll(List.of("-cp", classPath(rival), program.getName()));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
        String out = new String(process.getInputStream().readAllBytes());
        if (process.waitFor() != 0) {
            throw new IllegalStateException(command + " ended with exit code " + process.exitValue());
        }
        return out.lines().toList();
    }
}
