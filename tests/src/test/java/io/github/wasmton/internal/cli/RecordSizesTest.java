package io.github.wasmton.internal.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;

import org.junit.jupiter.api.Test;

import io.github.wasmton.guest.OutputAccess;
import io.github.wasmton.internal.kafka.KafkaSettings;
import io.github.wasmton.testing.TestKafka;

class RecordSizesTest {
    private final String servers = TestKafka.bootstrapServers();

    @Test
    void kafkasDefaultsTakeWasmtonsDefault() throws Exception {
        RecordSizes.check(servers, List.of(TestKafka.newTopic(1), TestKafka.newTopic(1)),
                OutputAccess.DEFAULT_MAX_RECORD_BYTES, KafkaSettings.NONE);
        RecordSizes.check(servers, List.of(), OutputAccess.DEFAULT_MAX_RECORD_BYTES, KafkaSettings.NONE);
    }

    @Test
    void topicThatTakesLessIsRefused() throws Exception {
        String topic = TestKafka.newTopic(1);
        TestKafka.configure(topic, "max.message.bytes", "10000");
        assertEquals("--output-topic: the topic '" + topic + "' takes records of 10000 bytes at most "
                + "(max.message.bytes), and a task may produce larger ones. With --exactly-once or --state, and in "
                + "batches on the engine streams, such a record would stop Wasmton. Give --output-record-bytes 5904, "
                + "or set max.message.bytes of the topic to 24096.", assertThrows(BadInputException.class,
                        () -> RecordSizes.check(servers, List.of(topic), 20_000, KafkaSettings.NONE)).getMessage());
        RecordSizes.check(servers, List.of(topic), 5_904, KafkaSettings.NONE);
    }
}
