package io.github.wasmton.guest;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.util.ArrayList;
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

    /** Reads what outputs.rs wrote. */
    static List<Output> read(byte[] encoded) {
        ByteBuffer in = ByteBuffer.wrap(encoded);
        List<Output> outputs = new ArrayList<>();
        while (in.hasRemaining()) {
            String topic = new String(bytes(in), UTF_8);
            int partition = in.getInt();
            long timestamp = in.getLong();
            byte[] key = bytes(in);
            byte[] value = bytes(in);
            int count = in.getInt();
            List<Task.Header> headers = new ArrayList<>(count);
            for (int i = 0; i < count; i++) {
                headers.add(new Task.Header(new String(bytes(in), UTF_8), bytes(in)));
            }
            outputs.add(new Output(topic, partition < 0 ? null : (Integer) partition,
                    timestamp < 0 ? null : (Long) timestamp, key, value, headers));
        }
        return List.copyOf(outputs);
    }

    private static byte[] bytes(ByteBuffer in) {
        int length = in.getInt();
        if (length < 0) {
            return null;
        }
        byte[] bytes = new byte[length];
        in.get(bytes);
        return bytes;
    }
}
