package io.github.wasmton.internal.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;

import io.github.wasmton.internal.kafka.DeadLetter;

/**
 * Random records for {@code dlq list} and {@code dlq show}: whatever stands in a dead-letter topic, they show it, and
 * nothing of it commands a terminal.
 */
final class DlqStorm {
    private static final List<String> NAMES = List.of("topic", "partition", "offset", "timestamp", "attempts", "kind",
            "reason", "backtrace", "sha256", "time");

    private long letters;

    private DlqStorm() {
    }

    /** Shows records for that time, and returns how many of them were dead letters. */
    static long storm(long seed, Duration time) {
        DlqStorm storm = new DlqStorm();
        Random random = new Random(seed);
        long end = System.nanoTime() + time.toNanos();
        // However slow the machine is, some of each sort.
        for (int i = 0; i < 1_000 || System.nanoTime() < end; i++) {
            storm.show(record(random));
        }
        return storm.letters;
    }

    private void show(ConsumerRecord<byte[], byte[]> record) {
        DeadLetter letter = DeadLetter.read(record);
        letters += letter == null ? 0 : 1;
        check(DlqListCommand.line(record, letter), false);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        DlqShowCommand.show(new Session(new PrintStream(out, true, UTF_8), System.err, Map.of()), record);
        check(out.toString(UTF_8), true);
    }

    private static void check(String text, boolean lines) {
        if (text.chars().anyMatch(c -> Character.isISOControl(c) && (c != '\n' || !lines))
                || text.length() > 1 << 20) {
            throw new IllegalStateException("this could reach a terminal: " + text);
        }
    }

    private static ConsumerRecord<byte[], byte[]> record(Random random) {
        RecordHeaders headers = new RecordHeaders();
        boolean good = random.nextBoolean();
        for (String name : NAMES) {
            if (good || random.nextInt(10) > 0) {
                String value = good || random.nextBoolean() ? plausible(name, random) : null;
                headers.add(DeadLetter.PREFIX + name, value == null ? bytes(random) : value.getBytes(UTF_8));
            }
        }
        for (int i = random.nextInt(4); i > 0; i--) {
            headers.add(random.nextBoolean() ? new String(bytes(random), UTF_8) : DeadLetter.PREFIX + "x",
                    random.nextBoolean() ? null : bytes(random));
        }
        return new ConsumerRecord<>("dead", 0, random.nextLong() >>> 1, random.nextLong(), TimestampType.CREATE_TIME, 0,
                0, random.nextBoolean() ? null : bytes(random), random.nextBoolean() ? null : bytes(random), headers,
                Optional.empty());
    }

    /** Returns a value of the form that this header has, with extremes. */
    private static String plausible(String name, Random random) {
        return switch (name) {
            case "partition", "attempts" -> Integer.toString(random.nextInt());
            case "offset", "timestamp" -> Long.toString(random.nextInt(3) == 0 ? Long.MIN_VALUE : random.nextLong());
            case "time" -> random.nextBoolean() ? "2026-01-01T00:00:00Z" : "+999999999-12-31T23:59:59.999999999Z";
            case "topic" -> random.nextInt(4) > 0 ? "orders" : new String(bytes(random), UTF_8);
            default -> new String(bytes(random), UTF_8);
        };
    }

    private static byte[] bytes(Random random) {
        byte[] bytes = new byte[random.nextInt(50) == 0 ? 100_000 : random.nextInt(60)];
        int most = random.nextBoolean() ? 256 : 128;
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (random.nextInt(8) == 0 ? "\n\r\u001b\t\b\0%$".charAt(random.nextInt(8))
                    : random.nextInt(most));
        }
        return bytes;
    }

    /** Runs for seconds; see {@code Stress}. */
    public static void main(String[] args) {
        long seed = Long.getLong("wasmton.fuzz.seed", System.nanoTime());
        System.out.println("storm of dead letters: -Dwasmton.fuzz.seed=" + seed);
        System.out.printf("%,d dead letters shown%n", storm(seed, Duration.ofSeconds(Long.parseLong(args[0]))));
    }
}
