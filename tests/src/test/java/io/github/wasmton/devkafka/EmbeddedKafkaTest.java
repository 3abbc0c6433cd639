package io.github.wasmton.devkafka;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.ConnectException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;

import io.github.wasmton.testing.Await;

class EmbeddedKafkaTest {
    @Test
    void topicTakesWritesAtOnceAndCloseLeavesNothingBehind() throws Exception {
        Path directory;
        int port;
        try (EmbeddedKafka kafka = new EmbeddedKafka()) {
            directory = kafka.directory();
            port = Integer.parseInt(kafka.bootstrapServers().replace("127.0.0.1:", ""));
            assertTrue(Files.isDirectory(directory));
            for (int round = 0; round < 5; round++) {
                kafka.createTopic("topic-" + round, 2);
                assertEquals(IntStream.range(0, 100).mapToObj(Integer::toString).toList(),
                        writeAndRead(kafka.bootstrapServers(), "topic-" + round));
            }
            assertThrows(IllegalStateException.class, () -> kafka.createTopic("topic-0", 1), "it exists");
        }
        assertFalse(Files.exists(directory));
        assertThrows(ConnectException.class, () -> new Socket("127.0.0.1", port).close());
    }

    @Test
    void clusterTakesAndKeepsWritesWhileItsNodesRestart() throws Exception {
        try (EmbeddedKafka kafka = new EmbeddedKafka(3)) {
            kafka.createTopic("topic", 2);
            List<String> written = new ArrayList<>();
            try (KafkaProducer<String, String> producer = producer(kafka.bootstrapServers())) {
                for (int i = 0; i < 3; i++) {
                    int node = i;
                    CompletableFuture<Void> restarted = CompletableFuture.runAsync(() -> kafka.restart(node));
                    do {
                        written.add(Integer.toString(written.size()));
                        producer.send(new ProducerRecord<>("topic", 1, null, written.get(written.size() - 1))).get();
                    } while (!restarted.isDone());
                    restarted.get();
                }
            }
            assertEquals(written, read(kafka.bootstrapServers(), "topic", written.size()));
        }
    }

    private static KafkaProducer<String, String> producer(String servers) {
        return new KafkaProducer<>(Map.of("bootstrap.servers", servers), new StringSerializer(),
                new StringSerializer());
    }

    private static List<String> writeAndRead(String servers, String topic) throws Exception {
        try (KafkaProducer<String, String> producer = producer(servers)) {
            for (int i = 0; i < 100; i++) {
                producer.send(new ProducerRecord<>(topic, 1, null, Integer.toString(i)));
            }
        }
        return read(servers, topic, 100);
    }

    private static List<String> read(String servers, String topic, int records) throws Exception {
        List<String> read = new ArrayList<>();
        try (KafkaConsumer<String, String> consumer = new KafkaConsumer<>(Map.of("bootstrap.servers", servers),
                new StringDeserializer(), new StringDeserializer())) {
            List<TopicPartition> partition = List.of(new TopicPartition(topic, 1));
            consumer.assign(partition);
            consumer.seekToBeginning(partition);
            Await.until(records + " records", () -> {
                consumer.poll(Duration.ofMillis(100)).forEach(record -> read.add(record.value()));
                return read.size() >= records;
            });
        }
        return read;
    }
}
