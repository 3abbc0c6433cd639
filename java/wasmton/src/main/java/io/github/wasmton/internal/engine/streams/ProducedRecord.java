package io.github.wasmton.internal.engine.streams;

import java.util.Optional;
import java.util.Set;

import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.streams.processor.RecordContext;
import org.apache.kafka.streams.processor.StreamPartitioner;
import org.apache.kafka.streams.processor.TopicNameExtractor;
import org.apache.kafka.streams.processor.api.Record;

/** The way of a record that a task produced through Streams' sink, which asks for each of its parts. */
final class ProducedRecord {
    private ProducedRecord() {
    }

    /** Returns the record for the sink. */
    static Record<byte[], ProducerRecord<byte[], byte[]>> of(ProducerRecord<byte[], byte[]> record) {
        // As Kafka's producer does it; Streams would give it the timestamp of the task.
        long timestamp = record.timestamp() == null ? System.currentTimeMillis() : record.timestamp();
        return new Record<>(record.key(), record, timestamp, record.headers());
    }

    /** Returns the topic of a record. */
    static final class Topic implements TopicNameExtractor<byte[], ProducerRecord<byte[], byte[]>> {
        @Override
        public String extract(byte[] key, ProducerRecord<byte[], byte[]> record, RecordContext context) {
            return record.topic();
        }
    }

    /** Returns the partition of a record if it has one; else the producer chooses. */
    static final class Partition implements StreamPartitioner<byte[], ProducerRecord<byte[], byte[]>> {
        @Override
        public Optional<Set<Integer>> partitions(String topic, byte[] key, ProducerRecord<byte[], byte[]> record,
                int partitions) {
            return Optional.ofNullable(record.partition()).map(Set::of);
        }
    }

    /** Returns the value of a record, which may be {@code null}. */
    static final class Value implements Serializer<ProducerRecord<byte[], byte[]>> {
        @Override
        public byte[] serialize(String topic, ProducerRecord<byte[], byte[]> record) {
            return record.value();
        }
    }
}
