package io.github.wasmton.internal.engine.decaton;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

import org.junit.jupiter.api.Test;

import io.github.wasmton.guest.Task;
import io.github.wasmton.internal.engine.Decision;
import io.github.wasmton.internal.engine.EngineConfig;
import io.github.wasmton.internal.engine.TaskProcessor;
import io.github.wasmton.internal.kafka.KafkaSettings;
import io.github.wasmton.testing.Await;
import io.github.wasmton.testing.TestKafka;

/** The engine takes Decaton's one tracing provider, and calls the user's behind it. */
class DecatonTracingTest {
    @Test
    void callsTheProviderOnTheClassPath() throws Exception {
        String topic = TestKafka.newTopic(1);
        TestKafka.send(topic, 0, "task");
        Queue<String> places = new ConcurrentLinkedQueue<>();
        EngineConfig config = new EngineConfig(TestKafka.bootstrapServers(), topic, "group-" + topic, 1,
                KafkaSettings.NONE, () -> new TaskProcessor() {
                    @Override
                    public Decision process(Task task) {
                        places.add(task.toString());
                        return Decision.COMPLETE;
                    }

                    @Override
                    public void close() {}
                });
        try (DecatonEngine engine = new DecatonEngine(config)) {
            engine.start();
            Await.until("the whole trace", () -> TestTracing.SEEN.getOrDefault(topic, List.of()).size() == 4);
        }
        assertEquals(List.of(topic + "-0@0"), List.copyOf(places), "the engine has its own part");
        List<String> seen = TestTracing.SEEN.get(topic);
        assertEquals("start", seen.get(0));
        assertEquals(List.of("completion", "record", "return", "start"), seen.stream().sorted().toList());
    }
}
