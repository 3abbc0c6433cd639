package io.github.wasmton.internal.monitoring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.Map;

import ch.qos.logback.classic.Level;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

import io.github.wasmton.testing.Await;
import io.github.wasmton.testing.LogCapture;
import io.github.wasmton.testing.TestKafka;

class GroupLagTest {
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

    @Test
    void lagIsTheEndLessTheCommittedOffset() throws Exception {
        String topic = TestKafka.newTopic(2);
        TestKafka.send(topic, 0, "a", "b", "c");
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", TestKafka.bootstrapServers()))) {
            GroupLag lag = new GroupLag(admin, "group-" + topic, topic, Tags.of("topic", topic));
            lag.bindTo(registry);
            becomes(lag, Map.of(0, 3L, 1, 0L));
            TestKafka.send(topic, 1, "d");
            becomes(lag, Map.of(0, 3L, 1, 1L));
            admin.alterConsumerGroupOffsets("group-" + topic, Map.of(new TopicPartition(topic, 0),
                    new OffsetAndMetadata(2))).all().get();
            becomes(lag, Map.of(0, 1L, 1, 1L));
            assertEquals(1, registry.get("wasmton.group.lag").tags("topic", topic, "partition", "0").gauge().value());
        }
    }

    @Test
    void lagCountsPartitionsThatAreAdded() throws Exception {
        String topic = TestKafka.newTopic(1);
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", TestKafka.bootstrapServers()))) {
            GroupLag lag = new GroupLag(admin, "group-" + topic, topic, Tags.of("topic", topic));
            becomes(lag, Map.of(0, 0L));
            admin.createPartitions(Map.of(topic, NewPartitions.increaseTo(3))).all().get();
            Await.until("the new partitions", () -> admin.describeTopics(List.of(topic)).allTopicNames().get()
                    .get(topic).partitions().size() == 3);
            try (KafkaProducer<byte[], byte[]> fresh = new KafkaProducer<>(
                    Map.of("bootstrap.servers", TestKafka.bootstrapServers()), new ByteArraySerializer(),
                    new ByteArraySerializer())) {
                fresh.send(new ProducerRecord<>(topic, 2, null, new byte[0])).get();
            }
            becomes(lag, Map.of(0, 0L, 1, 0L, 2, 1L));
        }
    }

    private static void becomes(GroupLag lag, Map<Integer, Long> expected) throws Exception {
        Await.until("the lag to be " + expected, () -> {
            Await.result("an answer", lag.refresh());
            return lag.byPartition().equals(expected);
        });
    }

    @Test
    void unknownLagIsLoggedOnceAndNotShown() throws Exception {
        Map<String, Object> settings = Map.of("bootstrap.servers", "127.0.0.1:1", "default.api.timeout.ms", "50",
                "request.timeout.ms", "50");
        try (LogCapture log = new LogCapture(GroupLag.class, Level.WARN); Admin admin = Admin.create(settings)) {
            GroupLag lag = new GroupLag(admin, "group", "topic", Tags.empty());
            lag.bindTo(registry);
            for (int i = 0; i < 3; i++) {
                Await.result("an answer", lag.refresh());
            }
            assertEquals(1, log.lines().size(), "told once");
            assertTrue(log.lines().get(0).startsWith("WARN How far the group group lags behind is not known: "),
                    log.lines().toString());
            assertEquals(Map.of(), lag.byPartition());
            assertEquals(0, registry.find("wasmton.group.lag").gauges().size());
            admin.close(Duration.ZERO);
        }
    }
}
