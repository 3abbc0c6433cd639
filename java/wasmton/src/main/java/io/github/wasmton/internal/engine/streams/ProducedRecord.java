package io.github.wasmton.internal.engine.streams;

import java.util.Optional;
import java.util.Set;

import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.RecordContext;
import org.apache.kafka.streams.processor.StreamPartitioner;
import org.apache.kafka.streams.processor.TopicNameExtractor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;

/** The way of a record that a task produced through Streams' sinks, which ask for each of its parts. */
final class ProducedRecord {
    private static final String SINK = "outputs";
    /** Sink of the records that name their partition. Streams looks up a topic's partitions for each record of it. */
    private static final String PARTITION_SINK = "outputs-to-partitions";

    private ProducedRecord() {
    }

    /** Adds the sinks behind a processor. */
    static void addSinks(Topology topology, String processor) {
        topology.addSink(SINK, new Topic(), new ByteArraySerializer(), new Value(), processor);
        topology.addSink(PARTITION_SINK, new Topic(), new ByteArraySerializer(), new Value(), new Partition(),
                processor);
    }

    /** Hands a record to its sink. */
    static void forward(ProducerRecord<byte[], byte[]> record,
            ProcessorContext<byte[], ProducerRecord<byte[], byte[]>> context) {
        // As Kafka's producer does it; Streams would give it the timestamp of the task.
        long timestamp = record.timestamp() == null ? System.currentTimeMillis() : record.timestamp();
        context.forward(new Record<>(record.key(), record, timestamp, record.headers()),
                record.partition() == null ? SINK : PARTITION_SINK);
    }

    /** Returns the topic of a record. */
    private static final class Topic implements TopicNameExtractor<byte[], ProducerRecord<byte[], byte[]>> {
        @Override
        public String extract(byte[] key, ProducerRecord<byte[], byte[]> record, RecordContext context) {
            return record.topic();
        }
    }

    /** Returns the partition of a record. */
    private static final class Partition implements StreamPartitioner<byte[], ProducerRecord<byte[], byte[]>> {
        @Override
        public Optional<Set<Integer>> partitions(String topic, byte[] key, ProducerRecord<byte[], byte[]> record,
                int partitions) {
            return Optional.of(Set.of(record.partition()));
        }
    }

    /** Returns the value of a record, which may be {@code null}. */
    private static final class Value implements Serializer<ProducerRecord<byte[], byte[]>> {
        @Override
        public byte[] serialize(String topic, ProducerRecord<byte[], byte[]> record) {
            return record.value();
        }
    }
}
