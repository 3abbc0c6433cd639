package io.github.wasmton.bench;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

import com.sun.management.OperatingSystemMXBean;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;

import io.github.wasmton.bench.Ratio.Goal;
import io.github.wasmton.devkafka.EmbeddedKafka;
import io.github.wasmton.failure.FailureOptions;
import io.github.wasmton.guest.GuestModule;
import io.github.wasmton.guest.GuestOptions;
import io.github.wasmton.guest.OutputAccess;
import io.github.wasmton.guest.StateAccess;
import io.github.wasmton.guest.Task;
import io.github.wasmton.internal.engine.Decision;
import io.github.wasmton.internal.engine.Effects;
import io.github.wasmton.internal.engine.Engine;
import io.github.wasmton.internal.engine.EngineConfig;
import io.github.wasmton.internal.engine.StateConfig;
import io.github.wasmton.internal.engine.TaskProcessor;
import io.github.wasmton.internal.engine.streams.StreamsEngineType;
import io.github.wasmton.internal.kafka.KafkaSettings;
import io.github.wasmton.internal.run.RunContext;
import io.github.wasmton.internal.run.TaskRunner;

/**
 * Counts records by key in a store, and produces each count: by a guest, and by the same topology in plain Java on
 * Kafka Streams. One broker, one set of records, the same settings; one stream thread, so no rebalance is measured.
 *
 * <p>Each round measures all sides one after the other, and each round begins with another side. The measurement ends
 * far from the end of the topic: a partition whose end is reached holds back the others for up to 500 ms
 * ({@code fetch.max.wait.ms}), which would be most of what is measured.
 */
final class StreamsBenchmark {
    private static final OperatingSystemMXBean PROCESS =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    private static final String TOPIC = "payments";
    private static final String COUNTS = "counts-of-payments";
    private static final int PARTITIONS = 4;
    /**
     * More keys than tasks between two commits with exactly-once. The record cache then saves neither side a write to
     * the changelog; with fewer keys, a faster side would have less to write.
     */
    private static final int KEYS = 50_000;
    private static final int RECORDS = 1_200_000;
    /** Records that are read before the measurement begins, so that no start is in it. */
    private static final int FIRST = 50_000;
    private static final int LAST = 550_000;
    private static final int WARM_UP_ROUNDS = 2;
    private static final int ROUNDS = 6;
    private static final int LIMIT_SECONDS = 120;

    private final EmbeddedKafka kafka;

    private StreamsBenchmark(EmbeddedKafka kafka) {
        this.kafka = kafka;
    }

    static List<Ratio> run() throws InterruptedException {
        GuestOptions options = GuestOptions.DEFAULT.withState(StateAccess.of("counts"))
                .withOutputs(OutputAccess.to(COUNTS)).withConfiguration(Map.of("topic", COUNTS));
        try (EmbeddedKafka kafka = new EmbeddedKafka();
                GuestModule core = GuestModule.load(Guests.built("count"), options);
                GuestModule component = GuestModule.load(Guests.built("count-component"), options)) {
            kafka.createTopic(TOPIC, PARTITIONS);
            kafka.createTopic(COUNTS, PARTITIONS);
            StreamsBenchmark benchmark = new StreamsBenchmark(kafka);
            benchmark.produce();
            List<Ratio> ratios = new ArrayList<>();
            for (boolean exactlyOnce : new boolean[] {true, false}) {
                ratios.addAll(benchmark.compare(exactlyOnce, core, component));
            }
            return ratios;
        }
    }

    private void produce() {
        byte[] value = "a payment".getBytes(UTF_8);
        try (Producer<byte[], byte[]> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", kafka.bootstrapServers(), "linger.ms", "10"),
                new ByteArraySerializer(), new ByteArraySerializer())) {
            for (int i = 0; i < RECORDS; i++) {
                int key = i % KEYS * 7919 % KEYS;
                producer.send(new ProducerRecord<>(TOPIC, key % PARTITIONS, ("customer-" + key).getBytes(UTF_8),
                        value));
            }
        }
    }

    private interface Side {
        Pass measure() throws InterruptedException;
    }

    private List<Ratio> compare(boolean exactlyOnce, GuestModule core, GuestModule component)
            throws InterruptedException {
        String how = exactlyOnce ? ", exactly once" : ", at least once";
        List<Side> sides = List.of(() -> byJava(exactlyOnce), () -> byGuest(core, exactlyOnce),
                () -> byGuest(component, exactlyOnce));
        List<String> names = List.of("plain Java" + how, "count per key by a core guest" + how,
                "count per key by a component" + how);
        Pass[][] passes = new Pass[sides.size()][ROUNDS];
        for (int round = -WARM_UP_ROUNDS; round < ROUNDS; round++) {
            for (int turn = 0; turn < sides.size(); turn++) {
                int side = (round + WARM_UP_ROUNDS + turn) % sides.size();
                Pass pass = sides.get(side).measure();
                System.out.println((round < 0 ? "warm-up, " : "") + names.get(side) + ": " + pass);
                if (round >= 0) {
                    passes[side][round] = pass;
                }
            }
        }
        List<Ratio> ratios = new ArrayList<>();
        for (int side = 1; side < sides.size(); side++) {
            ratios.add(ratio(names.get(side), passes[side], passes[0], Pass::tasksPerSecond, "tasks/s",
                    Goal.atLeast(0.8)));
            ratios.add(ratio("the same, processor time of a task with all of engine and broker", passes[side],
                    passes[0], Pass::cpuNanos, "ns", Goal.NONE));
        }
        return ratios;
    }

    /** Returns the median of the rounds' ratios, and names the lowest and the highest. */
    private static Ratio ratio(String what, Pass[] ofGuest, Pass[] ofJava, ToDoubleFunction<Pass> figure, String unit,
            Goal goal) {
        double[] guest = Arrays.stream(ofGuest).mapToDouble(figure).toArray();
        double[] java = Arrays.stream(ofJava).mapToDouble(figure).toArray();
        double[] quotients = IntStream.range(0, ROUNDS).mapToDouble(round -> guest[round] / java[round]).sorted()
                .toArray();
        String range = String.format(Locale.ROOT, " (ratio %.2f to %.2f)", quotients[0], quotients[ROUNDS - 1]);
        return new Ratio(what + range, JmhRatios.median(guest), "the same topology in plain Java",
                JmhRatios.median(java), unit, JmhRatios.median(quotients), goal, Double.NaN);
    }

    /** The result of one measurement; CPU time of the whole JVM, per task. */
    private record Pass(double tasksPerSecond, double cpuNanos) {
        @Override
        public String toString() {
            return String.format(Locale.ROOT, "%,.0f tasks/s, %,.0f ns of a processor", tasksPerSecond, cpuNanos);
        }
    }

    private Pass byGuest(GuestModule module, boolean exactlyOnce) throws InterruptedException {
        AtomicLong count = new AtomicLong();
        try (RunContext context = RunContext.of(module, FailureOptions.DEFAULT,
                Map.of("bootstrap.servers", kafka.bootstrapServers()));
                Engine engine = new StreamsEngineType().create(new EngineConfig(kafka.bootstrapServers(), TOPIC,
                        "guest-" + UUID.randomUUID(), 1, KafkaSettings.NONE,
                        () -> new Counted(new TaskRunner(module, context), count)).withExactlyOnce(exactlyOnce)
                        .withState(new StateConfig(List.of(new StateConfig.Store("counts", null, false)),
                                List.of())))) {
            engine.start();
            return measure(count, () -> engine.ended().isDone());
        }
    }

    private Pass byJava(boolean exactlyOnce) throws InterruptedException {
        AtomicLong count = new AtomicLong();
        Topology topology = new Topology();
        topology.addSource("source", TOPIC);
        topology.addProcessor("count", () -> new Count(count), "source");
        topology.addStateStore(Stores.keyValueStoreBuilder(Stores.inMemoryKeyValueStore("counts"), Serdes.Bytes(),
                Serdes.ByteArray()).withCachingEnabled(), "count");
        topology.addSink("sink", COUNTS, "count");
        Properties settings = new Properties();
        settings.put(StreamsConfig.APPLICATION_ID_CONFIG, "java-" + UUID.randomUUID());
        settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, kafka.bootstrapServers());
        settings.put(StreamsConfig.DEFAULT_KEY_SERDE_CLASS_CONFIG, Serdes.ByteArraySerde.class);
        settings.put(StreamsConfig.DEFAULT_VALUE_SERDE_CLASS_CONFIG, Serdes.ByteArraySerde.class);
        // As Wasmton sets them.
        settings.put(StreamsConfig.consumerPrefix("isolation.level"), "read_committed");
        if (exactlyOnce) {
            settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        } else {
            settings.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, "1000");
        }
        try (KafkaStreams streams = new KafkaStreams(topology, settings)) {
            streams.start();
            return measure(count, () -> streams.state() == KafkaStreams.State.ERROR);
        }
    }

    private interface Ended {
        boolean ended();
    }

    private static Pass measure(AtomicLong count, Ended engine) throws InterruptedException {
        await(count, FIRST, engine);
        long before = count.get();
        long start = System.nanoTime();
        long cpuStart = PROCESS.getProcessCpuTime();
        await(count, LAST, engine);
        double tasks = count.get() - before;
        return new Pass(tasks * 1e9 / (System.nanoTime() - start), (PROCESS.getProcessCpuTime() - cpuStart) / tasks);
    }

    private static void await(AtomicLong count, long records, Ended engine) throws InterruptedException {
        long end = System.nanoTime() + SECONDS.toNanos(LIMIT_SECONDS);
        while (count.get() < records) {
            if (engine.ended() || System.nanoTime() > end) {
                throw new IllegalStateException(count + " of " + records + " records were counted");
            }
            Thread.sleep(1);
        }
    }

    /** Counts the tasks that are complete. */
    private static final class Counted implements TaskProcessor {
        private final TaskRunner runner;
        private final AtomicLong count;

        Counted(TaskRunner runner, AtomicLong count) {
            this.runner = runner;
            this.count = count;
        }

        @Override
        public Decision process(Task task) {
            throw new IllegalStateException("called without effects");
        }

        @Override
        public Decision process(Task task, Effects effects) {
            Decision decision = runner.process(task, effects);
            count.setOpaque(count.getPlain() + 1);
            return decision;
        }

        @Override
        public void close() {
            runner.close();
        }
    }

    /** The same work in Java, with the counts as text like the guest's. */
    private static final class Count implements Processor<byte[], byte[], byte[], byte[]> {
        private final AtomicLong count;
        private ProcessorContext<byte[], byte[]> context;
        private KeyValueStore<Bytes, byte[]> store;

        Count(AtomicLong count) {
            this.count = count;
        }

        @Override
        public void init(ProcessorContext<byte[], byte[]> context) {
            this.context = context;
            store = context.getStateStore("counts");
        }

        @Override
        public void process(Record<byte[], byte[]> record) {
            Bytes key = Bytes.wrap(record.key());
            byte[] before = store.get(key);
            long next = before == null ? 1 : Long.parseLong(new String(before, UTF_8)) + 1;
            byte[] after = Long.toString(next).getBytes(UTF_8);
            store.put(key, after);
            context.forward(record.withValue(after));
            count.setOpaque(count.getPlain() + 1);
        }
    }
}
