package io.github.wasmton.bench;

import static java.util.concurrent.TimeUnit.SECONDS;

import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

import com.sun.management.OperatingSystemMXBean;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

import io.github.wasmton.bench.Ratio.Goal;
import io.github.wasmton.devkafka.EmbeddedKafka;
import io.github.wasmton.failure.FailureOptions;
import io.github.wasmton.guest.Guest;
import io.github.wasmton.guest.GuestModule;
import io.github.wasmton.guest.GuestOptions;
import io.github.wasmton.guest.Outcome;
import io.github.wasmton.guest.Task;
import io.github.wasmton.internal.engine.Decision;
import io.github.wasmton.internal.engine.Engine;
import io.github.wasmton.internal.engine.EngineConfig;
import io.github.wasmton.internal.engine.TaskProcessor;
import io.github.wasmton.internal.engine.consumer.ConsumerEngineType;
import io.github.wasmton.internal.kafka.KafkaSettings;
import io.github.wasmton.internal.run.RunContext;
import io.github.wasmton.internal.run.TaskRunner;

/**
 * Tasks per second of a whole engine, with a guest and with the same work in Java. One broker and one set of records;
 * the processors read them in turn.
 */
final class EngineBenchmark {
    private static final OperatingSystemMXBean PROCESS =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    private static final String TOPIC = "orders";
    private static final int PARTITIONS = 4;
    private static final int THREADS = 2;
    private static final int RECORDS = 2_000_000;
    /** The JIT compilers still make both sides faster in the eighth pass. */
    private static final int WARM_UP_PAIRS = 10;
    private static final int PAIRS = 11;
    private static final int LIMIT_SECONDS = 120;

    private final EmbeddedKafka kafka;

    private EngineBenchmark(EmbeddedKafka kafka) {
        this.kafka = kafka;
    }

    static List<Ratio> run() throws InterruptedException {
        try (EmbeddedKafka kafka = new EmbeddedKafka();
                GuestModule poll = GuestModule.load(Guests.text("poll"), GuestOptions.DEFAULT);
                GuestModule next = GuestModule.load(Guests.text("next"), GuestOptions.DEFAULT);
                GuestModule parseJson = GuestModule.load(Guests.built("parse-json"), GuestOptions.DEFAULT)) {
            kafka.createTopic(TOPIC, PARTITIONS);
            EngineBenchmark benchmark = new EngineBenchmark(kafka);
            benchmark.produce();
            List<Ratio> ratios = new ArrayList<>();
            ratios.addAll(benchmark.compare("the engine consumer with an empty guest", runner(poll),
                    "plain consumers that drop what they read", benchmark::readPlainly, Goal.atLeast(0.8)));
            ratios.addAll(benchmark.compare("the engine with an empty guest", runner(poll),
                    "the same engine with an empty Java processor", Nothing::new, Goal.atLeast(0.97)));
            ratios.addAll(benchmark.compare("the engine with an empty guest, figures and what is done about failures",
                    runner(poll), "the same engine with the guest alone", () -> new Bare(poll), Goal.atLeast(0.97)));
            ratios.addAll(benchmark.compare("the engine with an empty guest of protocol 1, which gets the whole record",
                    runner(next), "the same engine with one of protocol 0, which gets the value", runner(poll),
                    Goal.NONE));
            ratios.addAll(benchmark.compare("the engine with a guest that parses JSON (serde_json)", runner(parseJson),
                    "the same engine with a Java processor that does (Jackson)", ParseJson::new, Goal.atLeast(1.1)));
            return ratios;
        }
    }

    private static Supplier<TaskProcessor> runner(GuestModule module) {
        RunContext failures = RunContext.of(module, FailureOptions.DEFAULT, Map.of());
        return () -> new TaskRunner(module, failures);
    }

    private void produce() {
        byte[] value = ParseJson.ORDER.getBytes(StandardCharsets.UTF_8);
        try (Producer<byte[], byte[]> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", kafka.bootstrapServers(), "linger.ms", "10"),
                new ByteArraySerializer(), new ByteArraySerializer())) {
            for (int i = 0; i < RECORDS; i++) {
                producer.send(new ProducerRecord<>(TOPIC, i % PARTITIONS, null, value));
            }
        }
    }

    /** One reading of the whole topic. */
    private interface Reading {
        Pass read() throws InterruptedException;
    }

    private List<Ratio> compare(String what, Supplier<TaskProcessor> guests, String against,
            Supplier<TaskProcessor> java, Goal goal) throws InterruptedException {
        return compare(what, guests, against, () -> readAll(java), goal);
    }

    /** Reads in turn; the side that goes first alternates from pair to pair. */
    private List<Ratio> compare(String what, Supplier<TaskProcessor> guests, String against, Reading limit, Goal goal)
            throws InterruptedException {
        List<Pass> ofGuests = new ArrayList<>();
        List<Pass> ofJava = new ArrayList<>();
        for (int pair = 0; pair < WARM_UP_PAIRS + PAIRS; pair++) {
            if (pair == WARM_UP_PAIRS) {
                ofGuests.clear();
                ofJava.clear();
            }
            for (int turn = 0; turn < 2; turn++) {
                boolean guest = (pair + turn) % 2 == 0;
                (guest ? ofGuests : ofJava).add(guest ? readAll(guests) : limit.read());
            }
            System.out.println(what + ": " + ofGuests.get(ofGuests.size() - 1) + "; " + against + ": "
                    + ofJava.get(ofJava.size() - 1));
        }
        return List.of(ratio(what, ofGuests, against, ofJava, Pass::tasksPerSecond, "tasks/s", goal),
                ratio("the same, processor time of a task with all of engine and broker", ofGuests, against, ofJava,
                        Pass::cpuNanos, "ns", Goal.NONE));
    }

    private static Ratio ratio(String what, List<Pass> ofGuests, String against, List<Pass> ofJava,
            ToDoubleFunction<Pass> figure, String unit, Goal goal) {
        double[] guests = ofGuests.stream().mapToDouble(figure).toArray();
        double[] java = ofJava.stream().mapToDouble(figure).toArray();
        double[] quotients = IntStream.range(0, PAIRS).mapToDouble(pair -> guests[pair] / java[pair]).toArray();
        return new Ratio(what, JmhRatios.median(guests), against, JmhRatios.median(java), unit,
                JmhRatios.median(quotients), goal, Double.NaN);
    }

    /** The result of reading the topic once; CPU time of the whole JVM, per task. */
    private record Pass(double tasksPerSecond, double cpuNanos) {
        @Override
        public String toString() {
            return String.format(Locale.ROOT, "%,.0f tasks/s, %.0f ns of a processor", tasksPerSecond, cpuNanos);
        }
    }

    /** Reads the whole topic with a new group. The measurement begins once all threads have work. */
    private Pass readAll(Supplier<TaskProcessor> processors) throws InterruptedException {
        CountDownLatch together = new CountDownLatch(THREADS);
        List<Counted> threads = new CopyOnWriteArrayList<>();
        Supplier<TaskProcessor> counted = () -> {
            Counted thread = new Counted(processors.get(), together);
            threads.add(thread);
            return thread;
        };
        EngineConfig config = new EngineConfig(kafka.bootstrapServers(), TOPIC, "bench-" + UUID.randomUUID(), THREADS,
                KafkaSettings.all(Map.of(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG, "100")), counted);
        try (Engine engine = new ConsumerEngineType().create(config)) {
            engine.start();
            if (!together.await(LIMIT_SECONDS, SECONDS)) {
                throw new IllegalStateException("not all threads had a task within " + LIMIT_SECONDS + " s");
            }
            return measure(() -> sum(threads), engine.ended());
        }
    }

    /** Reads the whole topic with a consumer for each thread, which has its share of the partitions from the start. */
    private Pass readPlainly() throws InterruptedException {
        CountDownLatch together = new CountDownLatch(THREADS);
        List<AtomicLong> counts = new ArrayList<>();
        List<CompletableFuture<String>> threads = new ArrayList<>();
        AtomicBoolean over = new AtomicBoolean();
        for (int i = 0; i < THREADS; i++) {
            AtomicLong count = new AtomicLong();
            int thread = i;
            counts.add(count);
            threads.add(CompletableFuture.supplyAsync(() -> drop(thread, together, count, over),
                    task -> new Thread(task, "plain-" + thread).start()));
        }
        CompletableFuture<String> ended = CompletableFuture.anyOf(threads.toArray(CompletableFuture<?>[]::new))
                .handle((nothing, e) -> String.valueOf(e));
        try {
            if (!together.await(LIMIT_SECONDS, SECONDS)) {
                throw new IllegalStateException("not all threads had a record within " + LIMIT_SECONDS + " s");
            }
            return measure(() -> counts.stream().mapToLong(AtomicLong::getOpaque).sum(), ended);
        } finally {
            over.set(true);
            threads.forEach(CompletableFuture::join);
        }
    }

    private String drop(int thread, CountDownLatch together, AtomicLong count, AtomicBoolean over) {
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(Map.of("bootstrap.servers",
                kafka.bootstrapServers(), "isolation.level", "read_committed", "auto.offset.reset", "earliest"),
                new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.assign(IntStream.range(0, PARTITIONS).filter(partition -> partition % THREADS == thread)
                    .mapToObj(partition -> new TopicPartition(TOPIC, partition)).toList());
            boolean begun = false;
            while (!over.get()) {
                int read = consumer.poll(Duration.ofMillis(100)).count();
                count.setOpaque(count.getPlain() + read);
                if (!begun && read > 0) {
                    begun = true;
                    together.countDown();
                    together.await();
                }
            }
            return "";
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted", e);
        }
    }

    /** Measures from now until all records are counted. */
    private static Pass measure(LongSupplier count, CompletableFuture<String> ended) throws InterruptedException {
        long before = count.getAsLong();
        long start = System.nanoTime();
        long cpuStart = PROCESS.getProcessCpuTime();
        while (count.getAsLong() < RECORDS) {
            if (ended.isDone() || System.nanoTime() - start > SECONDS.toNanos(LIMIT_SECONDS)) {
                throw new IllegalStateException(count.getAsLong() + " of " + RECORDS + " tasks were processed; "
                        + ended.getNow("it took too long"));
            }
            Thread.sleep(1);
        }
        double tasks = RECORDS - before;
        return new Pass(tasks * 1e9 / (System.nanoTime() - start), (PROCESS.getProcessCpuTime() - cpuStart) / tasks);
    }

    private static long sum(List<Counted> threads) {
        return threads.stream().mapToLong(thread -> thread.done.getOpaque()).sum();
    }

    /** Counts the tasks of one thread. */
    private static final class Counted implements TaskProcessor {
        private final TaskProcessor processor;
        private final CountDownLatch together;
        private final AtomicLong done = new AtomicLong();
        private boolean begun;

        Counted(TaskProcessor processor, CountDownLatch together) {
            this.processor = processor;
            this.together = together;
        }

        @Override
        public int series() {
            return together.getCount() > 0 ? 1 : processor.series();
        }

        @Override
        public Progress process(List<Task> tasks) {
            Progress progress = processor.process(tasks);
            done.setOpaque(done.getPlain() + progress.complete());
            return progress;
        }

        @Override
        public Decision process(Task task) {
            if (!begun) {
                begun = true;
                together.countDown();
            }
            if (together.getCount() > 0) {
                // The first thread leaves the others their share, and keeps polling so that they get it.
                LockSupport.parkNanos(1_000_000);
            }
            Decision decision = processor.process(task);
            done.setOpaque(done.getPlain() + 1);  // no other thread writes: spare it the fence
            return decision;
        }

        @Override
        public void close() {
            processor.close();
        }
    }

    /** A guest with nothing around it. */
    private static final class Bare implements TaskProcessor {
        private final Guest guest;

        Bare(GuestModule module) {
            guest = module.instantiate();
        }

        @Override
        public Decision process(Task task) {
            return guest.process(task) == Outcome.DONE ? Decision.COMPLETE : Decision.STOP;
        }

        @Override
        public void close() {
            guest.close();
        }
    }

    /** A Java processor that does nothing. */
    private static final class Nothing implements TaskProcessor {
        @Override
        public Decision process(Task task) {
            return Decision.COMPLETE;
        }

        @Override
        public void close() {}
    }
}
