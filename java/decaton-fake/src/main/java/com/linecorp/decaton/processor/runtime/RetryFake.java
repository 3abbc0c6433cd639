package com.linecorp.decaton.processor.runtime;

import java.util.Properties;
import java.util.concurrent.CompletableFuture;

import com.linecorp.decaton.processor.TaskMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The retry topic of a subscription. */
final class RetryFake implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(RetryFake.class);

    final String topic;
    private final RetryConfig config;
    private final Properties settings = new Properties();
    /** The producer, from the first retry on. */
    private Producer<byte[], byte[]> producer;

    RetryFake(RetryConfig config, String originalTopic, Properties consumerConfig) {
        this.config = config;
        topic = config.retryTopicOrDefault(originalTopic);
        settings.setProperty(ProducerConfig.ACKS_CONFIG, "all");
        settings.setProperty(ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION, "1");
        settings.setProperty(ProducerConfig.LINGER_MS_CONFIG, "100");
        consumerConfig.stringPropertyNames().stream().filter(ProducerConfig.configNames()::contains)
                .forEach(name -> settings.setProperty(name, consumerConfig.getProperty(name)));
    }

    /** Writes a task to the retry topic. The future ends with the acknowledgement or the failure. */
    CompletableFuture<Void> send(TaskMetadata metadata, byte[] key, byte[] value, Headers headers) {
        ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(topic, null, key, value, headers);
        record.headers().remove(MetadataFake.HEADER);
        record.headers().add(MetadataFake.HEADER, MetadataFake.write(TaskMetadata.builder()
                .timestampMillis(metadata.timestampMillis())
                .sourceApplicationId(metadata.sourceApplicationId())
                .sourceInstanceId(metadata.sourceInstanceId())
                .retryCount(metadata.retryCount() + 1)
                .scheduledTimeMillis(System.currentTimeMillis() + config.backoff.toMillis())
                .build()));
        CompletableFuture<Void> acknowledged = new CompletableFuture<>();
        producer().send(record, (place, e) -> {
            if (e == null) {
                acknowledged.complete(null);
            } else {
                log.warn("A retry was not produced; its record is complete", e);
                acknowledged.completeExceptionally(e);
            }
        });
        return acknowledged;
    }

    private synchronized Producer<byte[], byte[]> producer() {
        if (producer == null) {
            producer = config.producerSupplier != null ? config.producerSupplier.getProducer(settings)
                    : new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
        }
        return producer;
    }

    @Override
    public synchronized void close() {
        if (producer != null) {
            producer.close();
        }
    }
}
