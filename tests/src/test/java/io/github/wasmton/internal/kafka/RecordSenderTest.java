package io.github.wasmton.internal.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.junit.jupiter.api.Test;

import io.github.wasmton.testing.Await;
import io.github.wasmton.testing.TestKafka;

class RecordSenderTest {
    @Test
    void settingsCannotWeakenAcknowledgement() {
        Map<String, Object> settings = RecordSender.settings(Map.of("acks", "0", "enable.idempotence", "false",
                "security.protocol", "SSL", "linger.ms", "7"));
        assertEquals("all", settings.get("acks"));
        assertEquals(true, settings.get("enable.idempotence"));
        assertEquals("SSL", settings.get("security.protocol"));
        assertEquals("7", settings.get("linger.ms"));
        assertEquals(30_000, settings.get("delivery.timeout.ms"));
    }

    @Test
    void producersLeaveConsumerSettingsOut() {
        Map<String, Object> settings = RecordSender.settings(Map.of("group.id", "g", "auto.offset.reset", "earliest",
                "request.timeout.ms", "60000", "my.login.module.url", "x"));
        assertFalse(settings.containsKey("group.id") || settings.containsKey("auto.offset.reset"), settings.toString());
        assertEquals("x", settings.get("my.login.module.url"), "for a class that is plugged in");
        assertEquals(10_000, settings.get("request.timeout.ms"), "shorter than the time for delivery, as it must be");
        Map<String, Object> own = RecordSender.settings(Map.of("delivery.timeout.ms", "90000",
                "request.timeout.ms", "60000"));
        assertEquals("90000", own.get("delivery.timeout.ms"));
        assertEquals("60000", own.get("request.timeout.ms"));
    }

    @Test
    void completedRecordsAreThereInOrder() throws Exception {
        String topic = TestKafka.newTopic(1);
        List<String> expected = new ArrayList<>();
        try (RecordSender sender = sender()) {
            assertEquals(1, sender.partitions(topic));
            List<CompletableFuture<Void>> sent = new ArrayList<>();
            for (int i = 0; i < 500; i++) {
                expected.add(Integer.toString(i));
                sent.add(sender.send(new ProducerRecord<>(topic, 0, null, Integer.toString(i).getBytes(UTF_8))));
            }
            Await.result("500 records to be acknowledged",
                    CompletableFuture.allOf(sent.toArray(CompletableFuture[]::new)));
        }
        assertEquals(expected, TestKafka.records(topic).stream().map(r -> new String(r.value(), UTF_8)).toList());
    }

    @Test
    void refusedRecordsDoNotFailTheNextOne() throws Exception {
        String topic = TestKafka.newTopic(1);
        TestKafka.configure(topic, "max.message.bytes", "1000");
        try (RecordSender sender = sender()) {
            CompletableFuture<Void> large = sender.send(new ProducerRecord<>(topic, null, new byte[2_000]));
            CompletionException e = assertThrows(CompletionException.class, large::join);
            assertInstanceOf(RecordTooLargeException.class, e.getCause());
            Await.result("the small record", sender.send(new ProducerRecord<>(topic, null, new byte[100])));
        }
        assertEquals(1, TestKafka.records(topic).size());
    }

    @Test
    void unsendableRecordsFailTheFuture() {
        String topic = TestKafka.newTopic(1);
        RecordSender sender = sender();
        assertTrue(sender.send(new ProducerRecord<>(topic, 0, null, new byte[33 * 1024 * 1024]))
                .isCompletedExceptionally(), "larger than anything can be");
        sender.close();
        sender.close();
        assertTrue(sender.send(new ProducerRecord<>(topic, 0, null, new byte[1])).isCompletedExceptionally(),
                "closed");
    }

    @Test
    void badSettingsAreReportedInKafkasWords() {
        KafkaException e = assertThrows(KafkaException.class,
                () -> new RecordSender(Map.of("bootstrap.servers", "localhost:1", "security.protocol", "NONSENSE")));
        assertTrue(e.toString().contains("security.protocol"), e.toString());
    }

    private static RecordSender sender() {
        return new RecordSender(Map.of("bootstrap.servers", TestKafka.bootstrapServers()));
    }
}
