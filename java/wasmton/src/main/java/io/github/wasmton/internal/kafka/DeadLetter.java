package io.github.wasmton.internal.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeader;

import io.github.wasmton.guest.Outcome;
import io.github.wasmton.guest.Task;

/**
 * A task as it lies in a dead-letter topic: the record with its key, its value ({@code null} stays {@code null}) and
 * its headers as they were, and further headers, all of them text, that say where it came from and what happened.
 *
 * <p>The record's own timestamp is the time of its failure, and the original one is among the headers: Kafka deletes
 * records by their timestamp, and a task that waited long would be gone as soon as it is there.
 *
 * @param topic     where the task came from
 * @param partition where the task came from; -1 where it is not known
 * @param offset    where the task came from; -1 where it is not known
 * @param timestamp the task's own, in milliseconds since 1970-01-01T00:00Z; -1 where there was none
 * @param attempts  how often it was tried since it was delivered the last time
 * @param kind      how the last attempt ended, in small letters: {@code trap}, {@code dead-letter}
 * @param reason    one line, at most 1,000 characters
 * @param backtrace the guest's frames, innermost first, a line each; at most 4,000 characters
 * @param sha256    of the guest's file, in hexadecimal
 * @param time      when it failed for good
 */
public record DeadLetter(String topic, int partition, long offset, long timestamp, int attempts, String kind,
        String reason, String backtrace, String sha256, Instant time) {
    /** Prefix of the names of all these headers. */
    public static final String PREFIX = "wasmton.dlq.";
    /** Names that Kafka allows for topics. */
    private static final Pattern TOPIC_NAME = Pattern.compile("[a-zA-Z0-9._-]{1,249}");

    private static final String TOPIC = PREFIX + "topic";
    private static final String PARTITION = PREFIX + "partition";
    private static final String OFFSET = PREFIX + "offset";
    private static final String TIMESTAMP = PREFIX + "timestamp";
    private static final String ATTEMPTS = PREFIX + "attempts";
    private static final String KIND = PREFIX + "kind";
    private static final String REASON = PREFIX + "reason";
    private static final String BACKTRACE = PREFIX + "backtrace";
    private static final String SHA256 = PREFIX + "sha256";
    private static final String TIME = PREFIX + "time";

    private static final int REASON_LIMIT = 1_000;
    private static final int BACKTRACE_LIMIT = 4_000;

    /** Makes the letter of a task that failed permanently now. */
    public static DeadLetter of(Task task, Outcome.Failed failure, int attempts, String sha256) {
        return new DeadLetter(task.topic(), task.partition(), task.offset(), task.timestamp(), attempts,
                name(failure.kind()), limited(failure.reason(), REASON_LIMIT),
                limited(failure.backtrace(), BACKTRACE_LIMIT), sha256, Instant.now());
    }

    /** Returns a kind of failure as headers and command lines write it: {@code not-taken}. */
    static String name(Outcome.Kind kind) {
        return kind.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static String limited(String text, int limit) {
        return text.length() <= limit ? text : text.substring(0, limit - 1) + '…';
    }

    /** Returns the record for a dead-letter topic. */
    ProducerRecord<byte[], byte[]> record(Task task, String deadLetterTopic, int deadLetterPartition) {
        List<Header> headers = new ArrayList<>();
        for (Task.Header header : task.headers()) {
            headers.add(new RecordHeader(header.name(), header.value()));
        }
        put(headers, TOPIC, topic);
        put(headers, PARTITION, Integer.toString(partition));
        put(headers, OFFSET, Long.toString(offset));
        put(headers, TIMESTAMP, Long.toString(timestamp));
        put(headers, ATTEMPTS, Integer.toString(attempts));
        put(headers, KIND, kind);
        put(headers, REASON, reason);
        put(headers, BACKTRACE, backtrace);
        put(headers, SHA256, sha256);
        put(headers, TIME, time.toString());
        return new ProducerRecord<>(deadLetterTopic, deadLetterPartition, time.toEpochMilli(), task.key(),
                task.value(), headers);
    }

    private static void put(List<Header> headers, String name, String value) {
        headers.add(new RecordHeader(name, value.getBytes(UTF_8)));
    }

    /**
     * Reads the headers of a record in a dead-letter topic. A task that failed on the way from one dead-letter topic
     * to the next has them twice; the last ones count.
     *
     * @return {@code null} if it is no dead letter of Wasmton's
     */
    public static DeadLetter read(ConsumerRecord<byte[], byte[]> record) {
        Headers headers = record.headers();
        try {
            String topic = text(headers, TOPIC);
            // Anybody may have written it, and Kafka's clients log a name before they refuse it.
            if (!TOPIC_NAME.matcher(topic).matches()) {
                return null;
            }
            return new DeadLetter(topic, Integer.parseInt(text(headers, PARTITION)),
                    Long.parseLong(text(headers, OFFSET)), Long.parseLong(text(headers, TIMESTAMP)),
                    Integer.parseInt(text(headers, ATTEMPTS)), text(headers, KIND), text(headers, REASON),
                    text(headers, BACKTRACE), text(headers, SHA256), Instant.parse(text(headers, TIME)));
        } catch (IllegalArgumentException | DateTimeParseException e) {
            return null;
        }
    }

    private static String text(Headers headers, String name) {
        Header header = headers.lastHeader(name);
        if (header == null || header.value() == null) {
            throw new IllegalArgumentException("no header " + name);
        }
        return new String(header.value(), UTF_8);
    }
}
