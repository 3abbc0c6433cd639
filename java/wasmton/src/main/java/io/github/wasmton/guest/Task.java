package io.github.wasmton.guest;

import java.util.Objects;

/**
 * One record to process, and where it came from. The arrays are handed on as they are, not copied: nobody may change
 * them while the task is under way.
 *
 * @param topic     the topic it was read from
 * @param partition the partition of that topic
 * @param offset    its offset in that partition
 * @param value     its value; {@code null} for a tombstone, which a guest of protocol 0 sees as a task of length 0
 */
public record Task(String topic, int partition, long offset, byte[] value) {
    public Task {
        Objects.requireNonNull(topic, "topic");
    }

    /** Names the record for a log line: {@code topic-partition@offset}, as Kafka's own tools write it. */
    @Override
    public String toString() {
        return topic + '-' + partition + '@' + offset;
    }
}
