package io.github.wasmton.bench;

import static java.util.concurrent.TimeUnit.SECONDS;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.BooleanSupplier;

import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

import io.github.wasmton.bench.Ratio.Goal;
import io.github.wasmton.devkafka.EmbeddedKafka;
import io.github.wasmton.guest.GuestModule;
import io.github.wasmton.guest.GuestOptions;
import io.github.wasmton.guest.GuestPool;
import io.github.wasmton.internal.engine.Engine;
import io.github.wasmton.internal.engine.EngineConfig;
import io.github.wasmton.internal.engine.InFlight;
import io.github.wasmton.internal.engine.consumer.ConsumerEngineType;
import io.github.wasmton.internal.engine.streams.StreamsEngine;
import io.github.wasmton.internal.kafka.KafkaSettings;
import io.github.wasmton.internal.run.RunContext;
import io.github.wasmton.internal.run.AsyncTaskRunner;
import io.github.wasmton.internal.run.TaskRunner;
import io.github.wasmton.internal.stats.TaskCounters;
import io.github.wasmton.wasmtime.wasi.NetworkAccess;

/**
 * A guest that waits: each task connects to a server that answers after 20 ms. The benchmark compares one task at a
 * time on each of 4 threads with 10,000 tasks in flight, and then measures the memory and threads of tasks that all
 * wait. Kafka and the server have their own JVMs.
 */
final class InFlightBenchmark {
    /** {@code ask}, or {@code ask-async}, which is of WASI 0.3. */
    private static final String GUEST = System.getProperty("wasmton.bench.inFlight");
    private static final int THREADS = 4;
    private static final int IN_FLIGHT = 10_000;
    private static final int ANSWER_MILLIS = 20;
    private static final int ROUNDS = 3;
    private static final int SECONDS_A_ROUND = 6;
    private static final int RECORDS = 300_000;
    private static final int MOST_THREADS = 50;
    private static final int LIMIT_SECONDS = 120;

    private final String bootstrapServers;
    private final GuestModule module;

    private InFlightBenchmark(String bootstrapServers, GuestModule module) {
        this.bootstrapServers = bootstrapServers;
        this.module = module;
    }

    /** Kafka's JVM. */
    public static final class Broker {
        private Broker() {}

        public static void main(String[] args) {
            ChildProgram.endWithParent();
            EmbeddedKafka kafka = new EmbeddedKafka();
            kafka.createTopic("slow", THREADS);
            kafka.createTopic("held", THREADS);
            System.out.println(kafka.bootstrapServers());
        }
    }

    static List<Ratio> run() throws IOException, InterruptedException {
        GuestOptions options = GuestOptions.DEFAULT.withDeadline(Duration.ofSeconds(LIMIT_SECONDS))
                .withNetwork(NetworkAccess.to("127.0.0.1"));
        try (SlowServer slow = new SlowServer(ANSWER_MILLIS, 0);
                SlowServer held = new SlowServer(0, IN_FLIGHT);
                ChildProgram broker = new ChildProgram(Broker.class, "768m");
                GuestModule module = GuestModule.load(Guests.built(GUEST), options)) {
            InFlightBenchmark benchmark = new InFlightBenchmark(broker.firstLine(), module);
            benchmark.produce("slow", RECORDS, slow.address());
            benchmark.produce("held", IN_FLIGHT, held.address());
            // First, because memory left by later rounds would be reused and not count.
            List<Ratio> ofWaiting = benchmark.hold();
            List<Ratio> ratios = new ArrayList<>(List.of(benchmark.compare()));
            ratios.addAll(ofWaiting);
            return ratios;
        }
    }

    private void produce(String topic, int count, String server) {
        try (Producer<byte[], byte[]> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", bootstrapServers, "linger.ms", "10"),
                new ByteArraySerializer(), new ByteArraySerializer())) {
            for (int i = 0; i < count; i++) {
                producer.send(new ProducerRecord<>(topic, i % THREADS, null, server.getBytes(StandardCharsets.UTF_8)));
            }
        }
    }

    private Ratio compare() throws InterruptedException {
        double[] quotients = new double[ROUNDS];
        double[] blocking = new double[ROUNDS];
        double[] inFlight = new double[ROUNDS];
        for (int round = 0; round < ROUNDS; round++) {
            blocking[round] = tasksPerSecond(false);
            inFlight[round] = tasksPerSecond(true);
            quotients[round] = inFlight[round] / blocking[round];
            System.out.printf("%,.0f tasks/s with %,d in flight; %,.0f tasks/s on %d threads%n", inFlight[round],
                    IN_FLIGHT, blocking[round], THREADS);
        }
        return new Ratio("tasks that wait 20 ms for an answer, 10,000 in flight", JmhRatios.median(inFlight),
                "the same, one at a time on each of 4 threads", JmhRatios.median(blocking), "tasks/s",
                JmhRatios.median(quotients), Goal.atLeast(20), Double.NaN);
    }

    /** Begins the measurement once the engine is at work. */
    private double tasksPerSecond(boolean inFlight) throws InterruptedException {
        RunContext failures = failures();
        try (Engine engine = engine("slow", failures, inFlight)) {
            engine.start();
            // By then each task in flight finds an existing instance.
            long first = inFlight ? 2 * IN_FLIGHT : 10 * THREADS;
            await(engine, "tasks", () -> failures.counters().done() > first);
            long before = failures.counters().done();
            long start = System.nanoTime();
            Thread.sleep(SECONDS.toMillis(SECONDS_A_ROUND));
            long done = failures.counters().done();
            double seconds = (System.nanoTime() - start) / 1e9;
            check(failures);
            if (done == RECORDS) {
                throw new IllegalStateException("all tasks were done before the time was over; more are needed");
            }
            return (done - before) / seconds;
        }
    }

    /** Makes all tasks wait at once. */
    private List<Ratio> hold() throws IOException, InterruptedException {
        RunContext failures = failures();
        // Excludes the first cost of an instance, and the memory of Kafka's clients.
        System.gc();
        long before = status("VmRSS");
        try (Engine engine = engine("held", failures, true)) {
            engine.start();
            long most = 0;
            long threads = 0;
            for (long done = 0; done < IN_FLIGHT; done = failures.counters().done()) {
                most = Math.max(most, status("VmRSS"));
                threads = Math.max(threads, status("Threads"));
                if (engine.ended().isDone()) {
                    throw new IllegalStateException(engine.ended().join());
                }
                Thread.sleep(5);
            }
            check(failures);
            return List.of(
                    new Ratio("threads of the JVM, Java's and others, with 10,000 tasks waiting at once", threads,
                            "the most there should be", MOST_THREADS, "threads", (double) threads / MOST_THREADS,
                            Goal.atMost(1), Double.NaN),
                    new Ratio("memory of a waiting task (resident, Java's heap included)",
                            (double) (most - before) / IN_FLIGHT, "the stack that Java reserves for a thread", 1024,
                            "KiB", (double) (most - before) / IN_FLIGHT / 1024, Goal.NONE, Double.NaN));
        }
    }

    private static RunContext failures() {
        TaskCounters figures = new TaskCounters();
        return new RunContext((task, failure, attempts) -> {
            throw new IllegalStateException(failure.reason());
        }, figures);
    }

    private static void check(RunContext failures) {
        if (failures.counters().failed() > 0) {
            throw new IllegalStateException(failures.counters().failed() + " tasks failed");
        }
    }

    private Engine engine(String topic, RunContext failures, boolean inFlight) {
        String group = "bench-" + UUID.randomUUID();
        if (!inFlight) {
            return new StreamsEngine(new EngineConfig(bootstrapServers, topic, group, THREADS, KafkaSettings.NONE,
                    () -> new TaskRunner(module, failures)));
        }
        return new ConsumerEngineType().create(new EngineConfig(bootstrapServers, topic, group, 1, KafkaSettings.NONE,
                null, new InFlight(IN_FLIGHT, () -> new AsyncTaskRunner(new GuestPool(module, IN_FLIGHT), failures))));
    }

    private static void await(Engine engine, String what, BooleanSupplier condition) throws InterruptedException {
        long start = System.nanoTime();
        while (!condition.getAsBoolean()) {
            if (engine.ended().isDone() || System.nanoTime() - start > SECONDS.toNanos(LIMIT_SECONDS)) {
                throw new IllegalStateException("no " + what + "; " + engine.ended().getNow("waited too long"));
            }
            Thread.sleep(1);
        }
    }

    /** Returns a figure of this process from Linux, in KiB or as a count. */
    private static long status(String name) throws IOException {
        try (var lines = Files.lines(Path.of("/proc/self/status"))) {
            return lines.filter(line -> line.startsWith(name + ":")).findFirst()
                    .map(line -> Long.parseLong(line.replaceAll("\\D", ""))).orElse(0L);
        }
    }
}
