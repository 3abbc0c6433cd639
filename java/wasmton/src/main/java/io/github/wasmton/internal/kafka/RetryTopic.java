package io.github.wasmton.internal.kafka;

import java.io.ByteArrayOutputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;

import io.github.wasmton.guest.Task;

/**
 * Decaton's retry topic, which Decaton itself reads: a task comes from there when its time has come. It is written here
 * and not by {@code ProcessingContext.retry}, whose completion does not tell whether Kafka has the record. Any number
 * of threads may use it.
 */
public final class RetryTopic {
    /** Header with Decaton's metadata of a task, a protobuf message. */
    private static final String METADATA = "dt_meta";
    private static final int TIMESTAMP = 1;
    private static final int RETRY_COUNT = 4;
    private static final int SCHEDULED_TIME = 5;

    private final RecordSender sender;
    private final String topic;
    private final Duration backoff;

    /**
     * Asks Kafka for the topic. The sender stays the caller's.
     *
     * @param backoff time until the next attempt
     * @throws org.apache.kafka.common.KafkaException where there is no such topic, or no Kafka
     */
    public RetryTopic(RecordSender sender, String topic, Duration backoff) {
        sender.partitions(topic);
        this.sender = sender;
        this.topic = topic;
        this.backoff = backoff;
    }

    /** Returns the name of the topic. */
    public String topic() {
        return topic;
    }

    /** Returns the time until the next attempt. */
    public Duration backoff() {
        return backoff;
    }

    /**
     * Writes a task there, for its next attempt.
     *
     * @return as {@link RecordSender#send}
     */
    public CompletableFuture<Void> send(Task task) {
        List<Header> headers = new ArrayList<>();
        byte[] metadata = new byte[0];
        for (Task.Header header : task.headers()) {
            if (header.name().equals(METADATA)) {
                metadata = header.value() == null ? metadata : header.value();
            } else {
                headers.add(new RecordHeader(header.name(), header.value()));
            }
        }
        headers.add(new RecordHeader(METADATA, next(metadata, task)));
        return sender.send(new ProducerRecord<>(topic, null, null, task.key(), task.value(), headers));
    }

    /** Returns the metadata for the next attempt: all fields as they were, but for the two that change. */
    private byte[] next(byte[] metadata, Task task) {
        ByteArrayOutputStream message = new ByteArrayOutputStream();
        if (metadata.length == 0 && task.timestamp() >= 0) {
            number(TIMESTAMP, task.timestamp(), message);
        }
        copyOthers(ByteBuffer.wrap(metadata), message);
        number(RETRY_COUNT, task.attempt(), message);
        number(SCHEDULED_TIME, System.currentTimeMillis() + backoff.toMillis(), message);
        return message.toByteArray();
    }

    private static void copyOthers(ByteBuffer metadata, ByteArrayOutputStream message) {
        try {
            while (metadata.hasRemaining()) {
                int start = metadata.position();
                long tag = varint(metadata);
                switch ((int) tag & 7) {
                    case 0 -> varint(metadata);
                    case 1 -> metadata.getLong();
                    case 2 -> metadata.position(metadata.position() + Math.toIntExact(varint(metadata)));
                    case 5 -> metadata.getInt();
                    default -> throw new IllegalArgumentException("a field of an unknown kind");
                }
                if (tag >>> 3 != RETRY_COUNT && tag >>> 3 != SCHEDULED_TIME) {
                    message.write(metadata.array(), start, metadata.position() - start);
                }
            }
        } catch (BufferUnderflowException | IllegalArgumentException | ArithmeticException e) {
            // Not Decaton's: a processor sees such a header as no metadata at all, and so does the next attempt.
            message.reset();
        }
    }

    private static long varint(ByteBuffer message) {
        long value = 0;
        for (int shift = 0; ; shift += 7) {
            byte next = message.get();
            value |= (long) (next & 0x7f) << shift;
            if (next >= 0) {
                return value;
            }
        }
    }

    private static void number(int field, long value, ByteArrayOutputStream message) {
        varint((long) field << 3, message);
        varint(value, message);
    }

    private static void varint(long value, ByteArrayOutputStream message) {
        long left = value;
        for (; left >= 0x80; left >>>= 7) {
            message.write((int) (left & 0x7f | 0x80));
        }
        message.write((int) left);
    }
}
