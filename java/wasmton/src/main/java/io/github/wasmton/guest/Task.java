package io.github.wasmton.guest;

import java.util.List;
import java.util.Objects;

/**
 * One record to process, with its place. The arrays are passed on without a copy: nobody may change them while the task
 * is in progress. A guest of protocol 0 gets only the value; one of protocol 1 or of the world
 * {@code decaton:processor} gets the whole record.
 *
 * @param topic     the topic it was read from
 * @param partition the partition of that topic; -1 where it is not known
 * @param offset    its offset in that partition; -1 where it is not known
 * @param timestamp milliseconds since 1970-01-01T00:00Z; -1 where there is none
 * @param key       its key; {@code null} where there is none
 * @param value     its value; {@code null} for a tombstone, which a guest of protocol 0 sees as a task of length 0
 * @param headers   its headers in their order
 * @param attempt   1 when it is handed over for the first time
 */
public record Task(String topic, int partition, long offset, long timestamp, byte[] key, byte[] value,
        List<Header> headers, int attempt) {
    /**
     * A header of a record. Names may repeat.
     *
     * @param value what Kafka holds; may be {@code null}
     */
    public record Header(String name, byte[] value) {
        public Header {
            Objects.requireNonNull(name, "name");
        }
    }

    public Task {
        Objects.requireNonNull(topic, "topic");
        Objects.requireNonNull(headers, "headers");
        timestamp = Math.max(timestamp, -1);  // some clients write other negative numbers
    }

    /** Makes a task of which nothing more is known, on its first attempt. */
    public Task(String topic, int partition, long offset, byte[] value) {
        this(topic, partition, offset, -1, null, value, List.of(), 1);
    }

    /** Returns this task with another number of attempt. */
    public Task withAttempt(int newAttempt) {
        return new Task(topic, partition, offset, timestamp, key, value, headers, newAttempt);
    }

    /** Names the record for a log line: {@code topic-partition@offset}, as Kafka's own tools write it. */
    @Override
    public String toString() {
        return topic + '-' + partition + '@' + offset;
    }
}
