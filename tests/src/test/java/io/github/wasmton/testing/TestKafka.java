package io.github.wasmton.testing;

import java.lang.reflect.Field;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

import io.github.wasmton.devkafka.EmbeddedKafka;

/** The Kafka of a whole test run, started by the first test that needs it. Each test creates its own topic. */
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

    /** Returns the address that requires a login, by SASL/PLAIN. */
    public static String serversWithLogin() {
        return Holder.KAFKA.serversWithLogin();
    }

    /** Creates a topic that no other test knows, and returns its name. */
    public static String newTopic(int partitions) {
        String topic = "test-" + TOPICS.incrementAndGet();
        Holder.KAFKA.createTopic(topic, partitions);
        return topic;
    }

    /** Returns whether there is no topic with that name. */
    public static boolean isMissing(String topic) throws Exception {
        return !Await.result("the topics", Holder.ADMIN.listTopics().names()).contains(topic);
    }

    /** Creates a topic with that name. */
    public static void createTopic(String topic, int partitions) {
        Holder.KAFKA.createTopic(topic, partitions);
    }

    /** Writes one record, and returns once Kafka has it. */
    public static void send(String topic, int partition, byte[] key, byte[] value) throws Exception {
        send(new ProducerRecord<>(topic, partition, key, value));
    }

    /** Writes one record at some time before {@link #flush} returns. */
    public static void sendAsync(String topic, int partition, byte[] key, byte[] value) {
        Holder.PRODUCER.send(new ProducerRecord<>(topic, partition, key, value));
    }

    /** Writes one record unchanged at some time before {@link #flush} returns. */
    public static void sendAsync(ProducerRecord<byte[], byte[]> record) {
        Holder.PRODUCER.send(record);
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

    /** Writes one record unchanged, and returns once Kafka has it. */
    public static void send(ProducerRecord<byte[], byte[]> record) throws Exception {
        Await.result("a record to be written", Holder.PRODUCER.send(record));
    }

    /** Writes one record with any timestamp; {@link ProducerRecord} refuses negative ones, and other clients do not. */
    public static void sendWithTimestamp(String topic, int partition, long timestamp) throws Exception {
        ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(topic, partition, null, new byte[] {'x'});
        Field field = ProducerRecord.class.getDeclaredField("timestamp");
        field.setAccessible(true);
        field.set(record, timestamp);
        send(record);
    }

    /** Returns all records of a topic, each partition in order. */
    public static List<ConsumerRecord<byte[], byte[]>> records(String topic) {
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", bootstrapServers(), "isolation.level", "read_committed"),
                new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                    .map(partition -> new TopicPartition(topic, partition.partition())).toList();
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
            while (partitions.stream().anyMatch(partition -> consumer.position(partition) < ends.get(partition))) {
                consumer.poll(Duration.ofMillis(100)).forEach(records::add);
            }
            records.sort(Comparator.comparingInt(ConsumerRecord::partition));
            return records;
        }
    }

    /** Changes a setting of a topic. */
    public static void configure(String topic, String name, String value) throws Exception {
        Await.result("the setting " + name,
                Holder.ADMIN.incrementalAlterConfigs(Map.of(new ConfigResource(ConfigResource.Type.TOPIC, topic),
                        List.of(new AlterConfigOp(new ConfigEntry(name, value), AlterConfigOp.OpType.SET)))).all());
    }

    /** Commits an offset for a group without members. */
    public static void commit(String group, String topic, int partition, long offset) throws Exception {
        Await.result("the offset of " + group, Holder.ADMIN.alterConsumerGroupOffsets(group,
                Map.of(new TopicPartition(topic, partition), new OffsetAndMetadata(offset))).all());
    }

    /** Deletes the records of a partition before that offset, as retention does. */
    public static void deleteRecordsBefore(String topic, int partition, long offset) throws Exception {
        Await.result("the end of records of " + topic, Holder.ADMIN.deleteRecords(
                Map.of(new TopicPartition(topic, partition), RecordsToDelete.beforeOffset(offset))).all());
    }

    /** Deletes a topic. */
    public static void deleteTopic(String topic) throws Exception {
        Await.result("the end of " + topic, Holder.ADMIN.deleteTopics(List.of(topic)).all());
    }

    /** Writes records in one transaction, which is then committed or aborted. */
    public static void sendInTransaction(String topic, int partition, boolean commit, String... values) {
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", bootstrapServers(), "transactional.id", "transaction-" + topic),
                new ByteArraySerializer(), new ByteArraySerializer())) {
            producer.initTransactions();
            producer.beginTransaction();
            for (String value : values) {
                producer.send(new ProducerRecord<>(topic, partition, null, value.getBytes(StandardCharsets.UTF_8)));
            }
            producer.flush();
            if (commit) {
                producer.commitTransaction();
            } else {
                producer.abortTransaction();
            }
        }
    }

    /** Returns the group's committed offsets by partition; partitions without one are absent. */
    public static Map<Integer, Long> committed(String group, String topic) throws Exception {
        Map<TopicPartition, OffsetAndMetadata> offsets = Await.result("the offsets of " + group,
                Holder.ADMIN.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata());
        Map<Integer, Long> byPartition = new HashMap<>();
        offsets.forEach((partition, offset) -> {
            if (partition.topic().equals(topic) && offset != null) {
                byPartition.put(partition.partition(), offset.offset());
            }
        });
        return byPartition;
    }

    /** Returns the number of a group's members. */
    public static int members(String group) throws Exception {
        return Await.result("the members of " + group, Holder.ADMIN.describeConsumerGroups(List.of(group))
                .describedGroups().get(group)).members().size();
    }
}
