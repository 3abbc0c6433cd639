package io.github.wasmton.internal.kafka;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Writes records that a task needs to be complete, and reports of each whether Kafka has it: acknowledged by all
 * replicas in sync, once and in order (an idempotent producer). Any number of threads may use it.
 */
public final class RecordSender implements AutoCloseable {
    /** Time for a record with all of the client's own attempts: enough for a broker's restart. */
    private static final int DELIVERY_LIMIT_MILLIS = 30_000;
    private static final int REQUEST_LIMIT_MILLIS = 10_000;
    private static final int BLOCKING_LIMIT_MILLIS = 10_000;
    /**
     * Size of the client's buffer (32 MiB): the topic's limit is the one that counts.
     */
    private static final int LARGEST_RECORD = 32 * 1024 * 1024;
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(5);

    private final Producer<byte[], byte[]> producer;

    /**
     * Makes a sender, which connects when it is first used.
     *
     * @param kafka settings as Kafka names them; those of another client will do, of which it takes what a producer
     *              knows. May hold secrets
     * @throws KafkaException for settings that Kafka's client does not accept
     */
    public RecordSender(Map<String, String> kafka) {
        this(new KafkaProducer<>(settings(kafka), new ByteArraySerializer(), new ByteArraySerializer()));
    }

    public RecordSender(Producer<byte[], byte[]> producer) {
        this.producer = producer;
    }

    static Map<String, Object> settings(Map<String, String> kafka) {
        Map<String, Object> settings = new HashMap<>(KafkaSettings.all(kafka).forProducer());
        settings.putIfAbsent(ProducerConfig.LINGER_MS_CONFIG, "0");
        settings.putIfAbsent(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, LARGEST_RECORD);
        settings.putIfAbsent(ProducerConfig.MAX_BLOCK_MS_CONFIG, BLOCKING_LIMIT_MILLIS);
        settings.put(ProducerConfig.ACKS_CONFIG, "all");
        settings.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        if (!settings.containsKey(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG)) {
            settings.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, DELIVERY_LIMIT_MILLIS);
            // Kafka wants it shorter; one that is given for a consumer as well may be longer.
            settings.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, REQUEST_LIMIT_MILLIS);
        }
        return settings;
    }

    /**
     * Returns the number of partitions of a topic. Blocks until Kafka has answered.
     *
     * @throws KafkaException where there is no such topic, or no answer within 10 seconds
     */
    public int partitions(String topic) {
        return producer.partitionsFor(topic).size();
    }

    /**
     * Begins to write a record. Returns at once; only where the client does not know the topic yet, or holds 32 MiB
     * that are not acknowledged, it blocks for up to 10 seconds.
     *
     * @return completes when the record is acknowledged, and exceptionally, with Kafka's exception, where it is not
     *         within 30 seconds. Both on the client's own thread, so what depends on it must not block.
     */
    public CompletableFuture<Void> send(ProducerRecord<byte[], byte[]> record) {
        CompletableFuture<Void> sent = new CompletableFuture<>();
        try {
            producer.send(record, (metadata, e) -> {
                if (e == null) {
                    sent.complete(null);
                } else {
                    sent.completeExceptionally(e);
                }
            });
        } catch (RuntimeException e) {
            sent.completeExceptionally(e);  // no partition, no topic, interrupted, closed
        }
        return sent;
    }

    /** Closes the connection after up to 5 seconds for records in flight; those not acknowledged then fail. */
    @Override
    public void close() {
        producer.close(CLOSE_LIMIT);
    }
}
