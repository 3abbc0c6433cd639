package io.github.wasmton.internal.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;

import org.junit.jupiter.api.Test;

import io.github.wasmton.guest.Task;
import io.github.wasmton.internal.engine.consumer.ConsumerEngineType;
import io.github.wasmton.internal.engine.streams.StreamsEngineType;
import io.github.wasmton.internal.kafka.KafkaSettings;
import io.github.wasmton.testing.Await;
import io.github.wasmton.testing.TestKafka;

/** A group whose members run on different engines. */
class MixedGroupTest {
    private final String topic = TestKafka.newTopic(1);

    @Test
    void consumerSaysThatTheGroupIsOfStreams() throws Exception {
        secondSaysSo(new StreamsEngineType(), new ConsumerEngineType());
    }

    @Test
    void streamsSaysThatTheGroupIsOfAConsumer() throws Exception {
        secondSaysSo(new ConsumerEngineType(), new StreamsEngineType());
    }

    private void secondSaysSo(EngineType one, EngineType other) throws Exception {
        try (Engine first = start(one)) {
            Await.until("the first to be ready", first::ready);
            try (Engine second = start(other)) {
                assertEquals("The group 'group-" + topic + "' has members that share the partitions in another way: by "
                        + "another engine, or by another partition.assignment.strategy. Stop those first, or use "
                        + "another group", Await.result("the second to end", second.ended()));
                assertTrue(second.close(Await.LIMIT), "closed in time");
            }
            assertTrue(first.ready(), "the first goes on");
            assertFalse(first.ended().isDone(), "the first goes on");
        }
    }

    private Engine start(EngineType type) {
        Engine engine = type.create(new EngineConfig(TestKafka.bootstrapServers(), topic, "group-" + topic, 1,
                KafkaSettings.all(Map.of()), () -> new TaskProcessor() {
                    @Override
                    public Decision process(Task task) {
                        return Decision.COMPLETE;
                    }

                    @Override
                    public void close() {}
                }));
        engine.start();
        return engine;
    }
}
