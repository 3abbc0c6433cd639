package io.github.wasmton.testing;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;

import io.github.wasmton.devkafka.EmbeddedKafka;

/** The one Kafka of a whole test run, started by the first test that needs it. Each test makes a topic of its own. */
public final class TestKafka {
    /** The password of the user {@code wasmton} at {@link #serversWithLogin}. */
    public static final String PASSWORD = "hush-7f3a90";

    private static final AtomicInteger TOPICS = new AtomicInteger();

    private TestKafka() {
    }

    private static final class Holder {
        static final EmbeddedKafka KAFKA = new EmbeddedKafka(PASSWORD);
        static final Admin ADMIN = Admin.create(Map.of("bootstrap.servers", KAFKA.bootstrapServers()));
        static final KafkaProducer<byte[], byte[]> PRODUCER = new KafkaProducer<>(
                Map.of("bootstrap.servers", KAFKA.bootstrapServers(), "linger.ms", "0", "max.request.size", "4000000"),
                new ByteArraySerializer(), new ByteArraySerializer());

        static {
            Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                PRODUCER.close(Duration.ZERO);
                ADMIN.close(Duration.ZERO);
                KAFKA.close();
            }));
        }
    }

    public static String bootstrapServers() {
        return Holder.KAFKA.bootstrapServers();
    }

    /** Where one has to log in, by SASL/PLAIN. */
    public static String serversWithLogin() {
        return Holder.KAFKA.serversWithLogin();
    }

    /** Makes a topic that no other test knows, and returns its name. */
    public static String newTopic(int partitions) {
        String topic = "test-" + TOPICS.incrementAndGet();
        Holder.KAFKA.createTopic(topic, partitions);
        return topic;
    }

    /** Writes one record, and returns once Kafka has it. */
    public static void send(String topic, int partition, byte[] key, byte[] value) throws Exception {
        Holder.PRODUCER.send(new ProducerRecord<>(topic, partition, key, value)).get(30, TimeUnit.SECONDS);
    }

    /** Writes one record at some time before {@link #flush} returns. */
    public static void sendAsync(String topic, int partition, byte[] key, byte[] value) {
        Holder.PRODUCER.send(new ProducerRecord<>(topic, partition, key, value));
    }

    public static void flush() {
        Holder.PRODUCER.flush();
    }

    /** Writes records with these values to one partition, in this order. */
    public static void send(String topic, int partition, String... values) {
        for (String value : values) {
            sendAsync(topic, partition, null, value.getBytes(StandardCharsets.UTF_8));
        }
        flush();
    }

    /** What the group has committed, by partition; partitions without a committed offset are missing. */
    public static Map<Integer, Long> committed(String group, String topic) throws Exception {
        Map<TopicPartition, OffsetAndMetadata> offsets = Holder.ADMIN.listConsumerGroupOffsets(group)
                .partitionsToOffsetAndMetadata().get(30, TimeUnit.SECONDS);
        Map<Integer, Long> byPartition = new HashMap<>();
        offsets.forEach((partition, offset) -> {
            if (partition.topic().equals(topic) && offset != null) {
                byPartition.put(partition.partition(), offset.offset());
            }
        });
        return byPartition;
    }
}
