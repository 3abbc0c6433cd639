package io.github.wasmton.internal.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

import io.github.wasmton.devkafka.EmbeddedKafka;
import io.github.wasmton.testing.Await;
import io.github.wasmton.testing.TestGuests;

/**
 * Two processes count the records of each key, exactly once, while in each round one of them is killed by signal 9. In
 * each fifth round one of three brokers restarts as well, and in each fourth the other process ends by SIGTERM and
 * comes back. Each count must come out once and in order, and the store must have the last ones.
 *
 * <p>One broker alone must not restart: while a partition has no leader, Kafka 4.3 ends a transaction without it
 * (KAFKA-20734).
 */
final class StateStorm implements AutoCloseable {
    private static final int PARTITIONS = 4;
    private static final int KEYS = 1_000;
    /** Enough for each partition to have a leader while one restarts. */
    private static final int BROKERS = 3;
    /** Files of output, which the processes take in turn. */
    private static final int FILES = 8;
    private static final String TOPIC = "tasks";
    private static final String TOTALS = "totals";

    /** A process, and the number of its files of output. */
    private record Member(int number, Process process) {}

    private final String guest;
    private final boolean killsOnly;
    private final Path directory;
    private final EmbeddedKafka kafka;
    private final KafkaProducer<byte[], byte[]> producer;
    private final KafkaConsumer<byte[], byte[]> totals;
    /** The last count of each key that came out. */
    private final Map<String, Integer> counts = new HashMap<>();
    private final List<Member> running = new ArrayList<>();
    private final long begin = System.nanoTime();
    private int counted;
    private int started;

    private StateStorm(String guest, boolean killsOnly, Path directory) {
        this.guest = guest;
        this.killsOnly = killsOnly;
        this.directory = directory;
        kafka = killsOnly ? new EmbeddedKafka() : new EmbeddedKafka(BROKERS);
        kafka.createTopic(TOPIC, PARTITIONS);
        kafka.createTopic(TOTALS, PARTITIONS);
        producer = new KafkaProducer<>(Map.of("bootstrap.servers", kafka.bootstrapServers(), "linger.ms", "5"),
                new ByteArraySerializer(), new ByteArraySerializer());
        totals = consumer(TOTALS);
    }

    /**
     * Runs that many rounds with that many records in all, and throws if a count is lost or doubled.
     *
     * @param killsOnly whether no broker restarts and nothing ends by SIGTERM
     */
    static void storm(String guest, int rounds, int records, boolean killsOnly, Path directory) throws Exception {
        try (StateStorm storm = new StateStorm(guest, killsOnly, directory)) {
            storm.run(rounds, records);
        }
    }

    /** Arguments: rounds, records, and guests separated by commas. */
    public static void main(String[] args) throws Exception {
        for (String guest : args[2].split(",")) {
            storm(guest, Integer.parseInt(args[0]), Integer.parseInt(args[1]), false,
                    Files.createTempDirectory("state"));
        }
        System.exit(0);  // the embedded Kafka leaves threads behind
    }

    private void run(int rounds, int records) throws Exception {
        running.add(start());
        running.add(start());
        int sent = 0;
        int restarts = 0;
        int rebalances = 0;
        for (int round = 1; round <= rounds; round++) {
            int before = sent;
            for (int end = (int) ((long) records * round / rounds); sent < end; sent++) {
                producer.send(new ProducerRecord<>(TOPIC, bytes("key-" + sent % KEYS), bytes("x")));
            }
            // At another place each time.
            count(before + (sent - before) / 10 * (1 + round % 7));
            if (round % 5 == 2 && !killsOnly) {
                awaitRunning();
                kafka.restart(restarts % BROKERS);
                restarts++;
            }
            Process killed = running.remove(0).process;
            killed.destroyForcibly();
            end(killed);
            running.add(start());
            if (round % 4 == 3 && !killsOnly) {
                awaitRunning();
                Process ended = running.remove(0).process;
                ended.destroy();
                check(end(ended) == 0, "SIGTERM ends it with exit code 0");
                running.add(start());
                rebalances++;
            }
            System.out.printf("%s: round %d of %d, %,d of %,d records counted, %d s%n", guest, round, rounds, counted,
                    records, (System.nanoTime() - begin) / 1_000_000_000);
        }
        producer.flush();
        count(records);
        awaitRunning();
        String log = ProgramTest.text(directory.resolve("err-" + running.get(0).number));
        check(log.contains("a single replica") == killsOnly, "only a single broker is warned of");
        for (Member each : running) {
            each.process.destroy();
            check(end(each.process) == 0, "SIGTERM ends it with exit code 0");
        }
        running.clear();
        count(records);
        check(counted == records, counted + " counts came out, not " + records);
        check(stored().equals(counts), "the store has the last counts");
        System.out.printf("%s: %,d records, %d times signal 9, %d restarts of a broker, %d times SIGTERM, 0 lost, "
                + "0 doubled, %d s%n", guest, records, rounds, restarts, rebalances,
                (System.nanoTime() - begin) / 1_000_000_000);
    }

    /** Waits until that many counts came out, and checks each. */
    private void count(int least) throws Exception {
        Await.until(least + " counts, not " + counted, () -> {
            for (ConsumerRecord<byte[], byte[]> record : totals.poll(Duration.ofMillis(100))) {
                String key = text(record.key());
                int next = Integer.parseInt(text(record.value()));
                Integer last = counts.put(key, next);
                int expected = last == null ? 1 : last + 1;
                check(next == expected, (next < expected ? "doubled: " : "lost: ") + key + " has the count " + next
                        + " after " + last);
                counted++;
            }
            supervise();
            return counted >= least;
        });
    }

    /** Waits until all are behind their check of Kafka: only then they wait for a broker, and end in order. */
    private void awaitRunning() throws Exception {
        Await.until("the processes to run", () -> {
            supervise();
            return running.stream().allMatch(this::ran);
        });
    }

    /** Starts again what ended because no broker answered at its start; nothing else may end by itself. */
    private void supervise() throws Exception {
        for (int i = 0; i < running.size(); i++) {
            if (!running.get(i).process.isAlive()) {
                check(!ran(running.get(i)), "no process ends by itself");
                running.set(i, start());
            }
        }
    }

    private Map<String, Integer> stored() {
        Map<String, Integer> stored = new HashMap<>();
        try (KafkaConsumer<byte[], byte[]> changelog = consumer("wasmton-" + TOPIC + "-counts-changelog")) {
            Map<TopicPartition, Long> ends = changelog.endOffsets(changelog.assignment());
            while (ends.entrySet().stream().anyMatch(end -> changelog.position(end.getKey()) < end.getValue())) {
                changelog.poll(Duration.ofMillis(100)).forEach(record ->
                        stored.put(text(record.key()), Integer.parseInt(text(record.value()))));
            }
        }
        return stored;
    }

    private KafkaConsumer<byte[], byte[]> consumer(String topic) {
        KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", kafka.bootstrapServers(), "isolation.level", "read_committed"),
                new ByteArrayDeserializer(), new ByteArrayDeserializer());
        List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                .map(info -> new TopicPartition(topic, info.partition())).toList();
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
        return consumer;
    }

    private Member start() throws Exception {
        // Kafka hands the partitions of a member that is gone to the next after the time-out of its session, and aborts
        // its transaction after that of the transaction.
        int number = started++ % FILES;
        Process process = ProgramTest.start(directory.resolve("out-" + number), directory.resolve("err-" + number),
                "--kafka", "session.timeout.ms=2000", "--kafka", "heartbeat.interval.ms=300", "--exactly-once",
                "--producer", "transaction.timeout.ms=5000", "--deadline", "1s", "--attempts", "2", "--metrics-port",
                "none", "--state", "counts", "--guest-config", "topic=" + TOTALS, "--output-topic", TOTALS,
                kafka.bootstrapServers(), TOPIC, TestGuests.guest(guest).toString());
        return new Member(number, process);
    }

    /** Returns whether a process got behind its check of Kafka. */
    private boolean ran(Member member) {
        return ProgramTest.text(directory.resolve("out-" + member.number)).contains("exactly once");
    }

    private int end(Process process) throws Exception {
        check(process.waitFor(Await.LIMIT.toSeconds(), TimeUnit.SECONDS), "the process ends");
        return process.exitValue();
    }

    private void check(boolean holds, String what) {
        if (!holds) {
            StringBuilder texts = new StringBuilder(what);
            for (int i = 0; i < Math.min(started, FILES); i++) {
                texts.append('\n').append(ProgramTest.text(directory.resolve("out-" + i)))
                        .append(ProgramTest.text(directory.resolve("err-" + i)));
            }
            throw new AssertionError(texts.toString());
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, UTF_8);
    }

    @Override
    public void close() {
        running.forEach(member -> member.process.destroyForcibly());
        producer.close(Duration.ZERO);
        totals.close();
        kafka.close();
    }
}
