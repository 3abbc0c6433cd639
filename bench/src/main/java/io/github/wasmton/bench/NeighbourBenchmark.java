package io.github.wasmton.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Semaphore;

import io.github.wasmton.bench.Ratio.Goal;
import io.github.wasmton.guest.Guest;
import io.github.wasmton.guest.GuestModule;
import io.github.wasmton.guest.GuestOptions;
import io.github.wasmton.guest.Outcome;
import io.github.wasmton.guest.OutputAccess;
import io.github.wasmton.guest.Task;
import io.github.wasmton.wasmtime.wasi.NetworkAccess;
import io.github.wasmton.wasmtime.wasi.WasiConfig;

/**
 * A good guest beside a hostile one, each on a thread of its own: the 99th percentile of the good one's tasks, alone
 * and beside each attack, in windows that take turns. The ratio of two neighbouring windows is taken, and the median of
 * those. It is the time that passes and not that of a processor, so it needs a machine with two free processors.
 */
final class NeighbourBenchmark {
    private static final int ROUNDS = 9;
    private static final Duration WINDOW = Duration.ofMillis(500);
    private static final int MOST_TASKS = 1_000_000;

    /** Commands of the guest probe; "alone" is none, for the noise of the measurement itself. */
    private static final List<String> ATTACKS = List.of("", "loop", "hold fields 3900 15000", "hold files 1000 /file",
            "hold look-ups 1000 localhost", "flood 20000", "produce-of-size out 10000 1000",
            "sockets 200 127.0.0.1:1", "panic", "recurse");

    private final Guest good;
    private final GuestModule hostile;
    private final long[] nanos = new long[MOST_TASKS];

    private NeighbourBenchmark(Guest good, GuestModule hostile) {
        this.good = good;
        this.hostile = hostile;
    }

    static List<Ratio> run() throws InterruptedException {
        Path directory;
        try {
            directory = Files.createTempDirectory("neighbour");
            Files.writeString(directory.resolve("file"), "content");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        GuestOptions options = GuestOptions.DEFAULT;
        GuestOptions hostileOptions = options.withDeadline(Duration.ofMillis(300))
                .withOutputs(OutputAccess.to("out")).withWasi(WasiConfig.builder().readOnlyDir(directory, "/")
                        .network(NetworkAccess.to("*", "127.0.0.1")).build());
        System.out.printf(Locale.ROOT, "%nneighbours, at load %.1f%n",
                ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage());
        try (GuestModule module = GuestModule.load(Guests.built("probe"), options);
             GuestModule hostile = GuestModule.load(Guests.built("probe"), hostileOptions);
             Guest good = module.instantiate()) {
            NeighbourBenchmark benchmark = new NeighbourBenchmark(good, hostile);
            benchmark.window();
            benchmark.window();
            List<Ratio> ratios = new ArrayList<>();
            for (String attack : ATTACKS) {
                ratios.add(benchmark.compare(attack));
            }
            return ratios;
        }
    }

    @SuppressWarnings("try")  // an interruption ends the benchmark
    private Ratio compare(String attack) throws InterruptedException {
        double[] alone = new double[ROUNDS];
        double[] beside = new double[ROUNDS];
        double[] ratios = new double[ROUNDS];
        for (int i = 0; i < ROUNDS; i++) {
            alone[i] = window();
            if (attack.isEmpty()) {
                beside[i] = window();
            } else {
                try (Attacker attacker = new Attacker(attack)) {
                    attacker.started.acquire();
                    beside[i] = window();
                }
            }
            ratios[i] = beside[i] / alone[i];
        }
        String what = attack.isEmpty() ? "a task of a guest alone, p99" : "a task beside '" + attack + "', p99";
        Ratio ratio = new Ratio(what, median(beside), "alone", median(alone), "ns", median(ratios),
                attack.isEmpty() ? Goal.NONE : Goal.atMost(1.5), Double.NaN);
        System.out.print(ratio.tableRow());
        return ratio;
    }

    /** Processes tasks for the length of a window and returns the 99th percentile. */
    private double window() {
        Task task = task("nothing");
        int count = 0;
        long end = System.nanoTime() + WINDOW.toNanos();
        long begin = System.nanoTime();
        while (begin < end && count < MOST_TASKS) {
            Outcome outcome = good.process(task);
            long now = System.nanoTime();
            if (outcome != Outcome.DONE) {
                throw new IllegalStateException("a task of the good guest failed: " + outcome);
            }
            nanos[count++] = now - begin;
            begin = now;
        }
        Arrays.sort(nanos, 0, count);
        return nanos[count - 1 - count / 100];
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    private static Task task(String value) {
        return new Task("topic", 0, 7, value.getBytes(StandardCharsets.UTF_8));
    }

    /** The hostile guest, which does the same again and again until it is closed. */
    @SuppressWarnings("try")  // as above
    private final class Attacker implements AutoCloseable {
        private final Semaphore started = new Semaphore(0);
        private final Thread thread;
        private volatile boolean end;

        Attacker(String attack) {
            thread = new Thread(() -> {
                try (Guest guest = hostile.instantiate()) {
                    started.release();
                    while (!end) {
                        guest.process(task(attack));
                    }
                }
            }, "hostile guest");
            thread.start();
        }

        @Override
        public void close() throws InterruptedException {
            end = true;
            thread.join();
        }
    }
}
