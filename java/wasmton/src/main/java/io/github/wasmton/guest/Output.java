package io.github.wasmton.guest;

import java.util.List;
import java.util.Objects;

/**
 * One record that a task produced. Nobody changes the arrays.
 *
 * @param topic     the topic to write it to, which the guest was granted
 * @param partition the partition; {@code null} leaves it to Kafka's partitioner
 * @param timestamp milliseconds since 1970-01-01T00:00Z; {@code null} for the time at which it is sent
 * @param key       its key; {@code null} where there is none
 * @param value     its value; {@code null} for a tombstone
 * @param headers   its headers in their order
 */
public record Output(String topic, Integer partition, Long timestamp, byte[] key, byte[] value,
        List<Task.Header> headers) {
    public Output {
        Objects.requireNonNull(topic, "topic");
        headers = List.copyOf(headers);
    }
}
