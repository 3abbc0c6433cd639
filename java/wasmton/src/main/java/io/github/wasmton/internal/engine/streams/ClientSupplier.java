package io.github.wasmton.internal.engine.streams;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.KafkaClientSupplier;

import io.github.wasmton.internal.engine.EngineConfig;
import io.github.wasmton.internal.engine.Share;

/** Creates Kafka's clients like Streams itself, except for the consumers of its threads. */
final class ClientSupplier implements KafkaClientSupplier {
    private final EngineConfig config;
    private final List<Share> shares = new CopyOnWriteArrayList<>();

    ClientSupplier(EngineConfig config) {
        this.config = config;
    }

    /** Returns whether each thread has its share of the partitions. Any thread. */
    boolean sharesComplete() {
        return shares.stream().allMatch(Share::complete);
    }

    @Override
    public Consumer<byte[], byte[]> getConsumer(Map<String, Object> settings) {
        Share share = new Share(config);
        shares.add(share);
        return new StreamsConsumer(settings, consumer -> new Worker(consumer, config.processors()), share);
    }

    @Override
    public Consumer<byte[], byte[]> getRestoreConsumer(Map<String, Object> settings) {
        return new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    @Override
    public Consumer<byte[], byte[]> getGlobalConsumer(Map<String, Object> settings) {
        return new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    @Override
    public Producer<byte[], byte[]> getProducer(Map<String, Object> settings) {
        return new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
    }

    @Override
    public Admin getAdmin(Map<String, Object> settings) {
        return Admin.create(settings);
    }
}
