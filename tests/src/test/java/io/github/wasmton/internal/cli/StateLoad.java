package io.github.wasmton.internal.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

import io.github.wasmton.Wasmton;
import io.github.wasmton.devkafka.EmbeddedKafka;
import io.github.wasmton.internal.text.Quantity;
import io.github.wasmton.testing.TestGuests;

/**
 * Writes entries to a store in a process with that heap, and measures how long another process needs to restore them.
 * Arguments: the store as {@code --state} has it, the number of entries, the bytes of a value, and the heap.
 */
final class StateLoad {
    private static final int PARTITIONS = 4;
    private static final String TOPIC = "tasks";
    private static final Pattern RESTORED = Pattern.compile("from offset 0: (\\d+) records in (\\S+)");

    private final EmbeddedKafka kafka = new EmbeddedKafka();
    private final String store;
    private final String heap;

    private StateLoad(String store, String heap) {
        this.store = store;
        this.heap = heap;
    }

    public static void main(String[] args) throws Exception {
        new StateLoad(args[0], args[3]).run(Integer.parseInt(args[1]), Integer.parseInt(args[2]));
        System.exit(0);  // the embedded Kafka leaves threads behind
    }

    private void run(int entries, int valueBytes) throws Exception {
        Path directory = Files.createTempDirectory("state-load");
        kafka.createTopic(TOPIC, PARTITIONS);
        produce(entries, "v".repeat(valueBytes));
        System.out.printf("%,d tasks are in the topic%n", entries);
        long begin = System.nanoTime();
        Process writer = start(directory.resolve("writer"));
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
            for (long done = 0; done < entries;) {
                Thread.sleep(1_000);
                check(writer.isAlive(), directory.resolve("writer"));
                done = admin.listConsumerGroupOffsets("wasmton-" + TOPIC).partitionsToOffsetAndMetadata().get()
                        .values().stream().mapToLong(offset -> offset == null ? 0 : offset.offset()).sum();
            }
        }
        double seconds = (System.nanoTime() - begin) / 1e9;
        System.out.printf("-Xmx%s, --state %s: %,d entries of %d bytes written in %.0f s, with the start; the process "
                + "took %,d MB%n", heap, store, entries, valueBytes, seconds, end(writer));
        Process reader = start(directory.resolve("reader"));
        List<MatchResult> restored = List.of();
        while (restored.size() < PARTITIONS) {
            Thread.sleep(500);
            check(reader.isAlive(), directory.resolve("reader"));
            restored = RESTORED.matcher(text(directory.resolve("reader"))).results().toList();
        }
        long records = restored.stream().mapToLong(line -> Long.parseLong(line.group(1))).sum();
        double slowest = restored.stream().mapToLong(line -> Quantity.parseTime(line.group(2)).toMillis()).max()
                .orElseThrow() / 1e3;
        double megabytes = records * (valueBytes + 11) / 1e6;
        System.out.printf("restored %,d records, %,.0f MB, in %.1f s: %,.0f records/s, %.0f MB/s; the process took "
                + "%,d MB%n", records, megabytes, slowest, records / slowest, megabytes / slowest, end(reader));
        kafka.close();
    }

    private void produce(int entries, String value) {
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", kafka.bootstrapServers(), "linger.ms", "20", "batch.size", "200000"),
                new ByteArraySerializer(), new ByteArraySerializer())) {
            for (int i = 0; i < entries; i++) {
                String key = "key-%07d".formatted(i);
                producer.send(new ProducerRecord<>(TOPIC, i % PARTITIONS, key.getBytes(UTF_8),
                        ("set counts " + key + ' ' + value).getBytes(UTF_8)));
            }
        }
    }

    /** Starts a process until it gets behind its check of Kafka: a busy machine's broker may not answer it in time. */
    private Process start(Path place) throws Exception {
        Process process = begin(place);
        while (!text(place).contains("exactly once")) {
            Thread.sleep(100);
            if (!process.isAlive()) {
                process = begin(place);
            }
        }
        return process;
    }

    private Process begin(Path place) throws IOException {
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-Xmx" + heap));
        String library = System.getProperty("io.github.wasmton.native.path");
        if (library != null) {
            command.add("-Dio.github.wasmton.native.path=" + library);
        }
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Wasmton.class.getName(), "--exactly-once",
                "--state", store, "--streams", "state.dir=" + place + "-state", "--metrics-port", "none",
                kafka.bootstrapServers(), TOPIC, TestGuests.guest("state-rust").toString()));
        ProcessBuilder builder = new ProcessBuilder(command);
        return builder.redirectErrorStream(true).redirectOutput(place.toFile()).start();
    }

    /** Ends a process, and returns the most megabytes of memory that it had. */
    private static long end(Process process) throws Exception {
        long kilobytes = Files.readAllLines(Path.of("/proc/" + process.pid() + "/status")).stream()
                .filter(line -> line.startsWith("VmHWM")).mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .sum();
        process.destroy();
        if (!process.waitFor(Duration.ofMinutes(5).toSeconds(), TimeUnit.SECONDS) || process.exitValue() != 0) {
            throw new AssertionError("the process does not end with exit code 0");
        }
        return kilobytes / 1_000;
    }

    private static void check(boolean alive, Path place) throws IOException {
        if (!alive) {
            throw new AssertionError("the process ended by itself:\n" + text(place));
        }
    }

    private static String text(Path file) throws IOException {
        return Files.readString(file);
    }
}
