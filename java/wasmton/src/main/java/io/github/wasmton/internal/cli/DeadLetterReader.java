package io.github.wasmton.internal.cli;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

import io.github.wasmton.internal.kafka.KafkaSettings;

/**
 * Reads a dead-letter topic from its beginning, or from the progress of a replay, up to the end that it had when the
 * reader was created. Each partition is read in its order. Used by one thread.
 */
final class DeadLetterReader implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(500);
    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(30);

    private final KafkaConsumer<byte[], byte[]> consumer;
    private final List<TopicPartition> partitions;
    private final Map<TopicPartition, Long> ends;
    private final Map<TopicPartition, Long> replayed = new HashMap<>();

    /**
     * Creates a reader; the group holds the progress of replays.
     *
     * @throws KafkaException if Kafka does not answer, or denies access
     */
    DeadLetterReader(String servers, String topic, String group, KafkaSettings kafka) {
        Map<String, Object> settings = new HashMap<>(kafka.forConsumer());
        settings.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, servers);
        settings.put(ConsumerConfig.GROUP_ID_CONFIG, group);
        settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        consumer = new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        try {
            partitions = consumer.partitionsFor(topic, ANSWER_LIMIT).stream()
                    .map(partition -> new TopicPartition(topic, partition.partition())).toList();
            ends = consumer.endOffsets(partitions, ANSWER_LIMIT);
            consumer.committed(Set.copyOf(partitions), ANSWER_LIMIT).forEach((partition, offset) -> {
                if (offset != null) {
                    replayed.put(partition, offset.offset());
                }
            });
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
        } catch (RuntimeException e) {
            consumer.close();
            throw e;
        }
    }

    /** Continues after the last record that was replayed. */
    void skipReplayed() {
        replayed.forEach((partition, offset) -> {
            // Retention may have deleted the record at that offset.
            if (offset > consumer.position(partition, ANSWER_LIMIT)) {
                consumer.seek(partition, offset);
            }
        });
    }

    /** Starts reading at that offset, which need not hold a record. */
    void seek(int partition, long offset) {
        TopicPartition wanted = partitions.stream().filter(other -> other.partition() == partition).findFirst()
                .orElseThrow(() -> new KafkaException("there is no partition " + partition));
        consumer.assign(List.of(wanted));
        consumer.seek(wanted, offset);
    }

    /** Returns whether the record was replayed already. */
    boolean isReplayed(ConsumerRecord<byte[], byte[]> record) {
        return record.offset() < replayed.getOrDefault(new TopicPartition(record.topic(), record.partition()), 0L);
    }

    /**
     * Returns the next records, unordered between partitions; none at the end.
     *
     * @throws TimeoutException if Kafka returns none within 30 seconds although there are some
     */
    Iterable<ConsumerRecord<byte[], byte[]>> next() {
        long end = System.nanoTime() + ANSWER_LIMIT.toNanos();
        while (!isAtEnd(consumer.assignment())) {
            Iterable<ConsumerRecord<byte[], byte[]>> records = consumer.poll(POLL);
            if (records.iterator().hasNext()) {
                return records;
            }
            if (System.nanoTime() - end > 0) {
                throw new TimeoutException("no records for " + ANSWER_LIMIT.toSeconds() + " s");
            }
        }
        return List.of();
    }

    /**
     * Returns whether all partitions are read to the end. Compares positions, not records, since markers of
     * transactions have offsets too.
     */
    private boolean isAtEnd(Collection<TopicPartition> assigned) {
        return assigned.stream().allMatch(partition ->
                consumer.position(partition, ANSWER_LIMIT) >= ends.getOrDefault(partition, 0L));
    }

    /** Returns whether the record was written after the reader was created. */
    boolean isTooNew(ConsumerRecord<byte[], byte[]> record) {
        return record.offset() >= ends.getOrDefault(new TopicPartition(record.topic(), record.partition()), 0L);
    }

    /** Stores that everything before these offsets is replayed. */
    void commit(Map<TopicPartition, OffsetAndMetadata> offsets) {
        consumer.commitSync(offsets, ANSWER_LIMIT);
    }

    @Override
    public void close() {
        consumer.close();
    }
}
