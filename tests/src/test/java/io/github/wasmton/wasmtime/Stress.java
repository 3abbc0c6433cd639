package io.github.wasmton.wasmtime;

import java.io.BufferedReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

import io.github.wasmton.testing.Fuzzer;
import io.github.wasmton.wasmtime.LeakTest.Use;
import io.github.wasmton.wasmtime.component.ComponentFuzzer;

/**
 * The program of {@code ./gradlew stress}: {@link ApiFuzzer} and {@link ComponentFuzzer} under {@code -Xcheck:jni}, for
 * a minimum of minutes and, the first, operations; then the uses of {@link LeakTest}, many times each. Half an hour
 * does ten million of both, shorter runs fewer. Fails if memory grows, the check complains, an undocumented exception
 * is thrown, or there is no more progress.
 */
final class Stress {
    private static final int STORM_SECONDS = 30;
    private static final long TIMES_IN_AN_HOUR = 20_000_000;
    /** Allowed growth from the second quarter of a run to the last. */
    private static final long FLAT = 64L << 20;
    private static final long FLAT_HEAP = 16L << 20;

    private Stress() {}

    public static void main(String[] args) throws Exception {
        int minutes = Integer.parseInt(args[0]);
        for (String api : List.of("modules", "components")) {
            child(2 * minutes + 30, List.of("-Xcheck:jni", "-Xmx512m"), Fuzz.class.getName(), args[0], api);
        }
        String times = Long.toString(TIMES_IN_AN_HOUR * minutes / 60);
        for (Use use : List.of(Use.LOOK_UP, Use.CALL, Use.BUFFER, Use.WRAP)) {
            List<String> printed = child(30, List.of("-Xms24m", "-Xmx24m", "-XX:+UseSerialGC", "-XX:+AlwaysPreTouch"),
                    LeakTest.Repeats.class.getName(), use.name(), times);
            long growth = Long.parseLong(printed.get(printed.size() - 1));
            System.out.printf("%s %s times: the process grew by %d KiB%n", use, times, growth >> 10);
            check(growth < LeakTest.ALLOWED_GROWTH, use + " leaks");
        }
        // The doors of guests, also where the system gives less.
        for (String limit : List.of("true", "ulimit -n 400", "ulimit -v 30000000", "ulimit -u 4000")) {
            Path directory = Files.createTempDirectory("doors");
            child(minutes + 10, List.of("-Xmx256m", "-XX:ReservedCodeCacheSize=64m"),
                    List.of("sh", "-c", limit + "; exec \"$0\" \"$@\""), "io.github.wasmton.guest.DoorStorm",
                    Integer.toString(60 * minutes / 6 + 1), directory.toString());
        }
        child(minutes + 10, List.of("-Xmx512m"), "io.github.wasmton.internal.cli.DlqStorm",
                Integer.toString(60 * minutes / 6 + 1));
        System.out.println("Nothing failed.");
    }

    /** Runs a class in its own JVM; shows and returns its output. */
    private static List<String> child(int limitMinutes, List<String> options, String... command) throws Exception {
        return child(limitMinutes, options, List.of(), command);
    }

    private static List<String> child(int limitMinutes, List<String> options, List<String> under, String... command)
            throws Exception {
        List<String> line = new ArrayList<>(under);
        line.addAll(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED", "-cp", System.getProperty("java.class.path")));
        for (String name : List.of("wasmton.project.dir", "wasmton.test.guests")) {
            line.add("-D" + name + '=' + System.getProperty(name));
        }
        line.addAll(options);
        line.addAll(List.of(command));
        ProcessBuilder builder = new ProcessBuilder(line).redirectErrorStream(true);
        builder.environment().put("MALLOC_ARENA_MAX", "1");
        Process process = builder.start();
        Thread killer = new Thread(process::destroyForcibly);
        Runtime.getRuntime().addShutdownHook(killer);
        List<String> out = new ArrayList<>();
        Thread reader = new Thread(() -> {
            BufferedReader lines = process.inputReader();
            lines.lines().peek(System.out::println).forEach(out::add);
        });
        reader.start();
        if (!process.waitFor(limitMinutes, TimeUnit.MINUTES)) {
            new ProcessBuilder("kill", "-QUIT", Long.toString(process.pid())).start().waitFor();
            Thread.sleep(2000);
            process.destroyForcibly();
            check(false, "it did not end within " + limitMinutes + " minutes");
        }
        reader.join();
        Runtime.getRuntime().removeShutdownHook(killer);
        check(process.exitValue() == 0, "it ended with exit code " + process.exitValue());
        check(out.stream().noneMatch(it -> it.startsWith("WARNING in native") || it.startsWith("FATAL ERROR")),
                "-Xcheck:jni has complained");
        return out;
    }

    private static void check(boolean so, String otherwise) {
        if (!so) {
            System.err.println("FAILED: " + otherwise);
            System.exit(1);
        }
    }

    /** The fuzzer, run under {@code -Xcheck:jni}. */
    static final class Fuzz {
        private Fuzz() {}

        public static void main(String[] args) throws Exception {
            long seed = Long.getLong("wasmton.fuzz.seed", System.nanoTime());
            boolean components = args[1].equals("components");
            System.out.println("API fuzzer of " + args[1] + ": -Dwasmton.fuzz.seed=" + seed);
            long start = System.nanoTime();
            int minutes = Integer.parseInt(args[0]);
            long least = TimeUnit.MINUTES.toNanos(minutes);
            long operations = components ? 0 : TIMES_IN_AN_HOUR * minutes / 60;
            List<Long> resident = new ArrayList<>();
            List<Long> heap = new ArrayList<>();
            try (Fuzzer<?> fuzzer = components ? new ComponentFuzzer() : new ApiFuzzer()) {
                while (System.nanoTime() - start < least || fuzzer.operations() < operations) {
                    fuzzer.storm(seed + 100L * resident.size(), STORM_SECONDS);
                    Thread.sleep(500);
                    System.gc();
                    Runtime runtime = Runtime.getRuntime();
                    heap.add(runtime.totalMemory() - runtime.freeMemory());
                    resident.add(Fuzzer.residentBytes());
                    System.out.printf("%5d s, %,d operations, resident %d MiB, heap %d MiB%n",
                            TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start), fuzzer.operations(),
                            resident.get(resident.size() - 1) >> 20, heap.get(heap.size() - 1) >> 20);
                }
            }
            long grown = growth(resident);
            long grownHeap = growth(heap);
            System.out.printf(
                    "From the second quarter to the last, the process grew by %d KiB and its heap by %d KiB%n",
                    grown >> 10, grownHeap >> 10);
            check(grown < FLAT && grownHeap < FLAT_HEAP, "memory grows");
        }

        private static long growth(List<Long> sizes) {
            int quarter = Math.max(sizes.size() / 4, 1);
            double early = sizes.stream().skip(quarter).limit(quarter).mapToLong(it -> it).average().orElse(0);
            double late = sizes.stream().skip(sizes.size() - quarter).mapToLong(it -> it).average().orElse(0);
            return (long) (late - early);
        }
    }
}
