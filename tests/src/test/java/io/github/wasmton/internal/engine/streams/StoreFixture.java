package io.github.wasmton.internal.engine.streams;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.BiFunction;

import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.io.TempDir;

import io.github.wasmton.guest.Task;
import io.github.wasmton.internal.engine.Decision;
import io.github.wasmton.internal.engine.Effects;
import io.github.wasmton.internal.engine.Engine;
import io.github.wasmton.internal.engine.EngineConfig;
import io.github.wasmton.internal.engine.StateConfig;
import io.github.wasmton.internal.engine.TaskProcessor;
import io.github.wasmton.internal.kafka.KafkaSettings;
import io.github.wasmton.testing.Await;
import io.github.wasmton.testing.TestKafka;

/** Engines whose processors, in Java, use stores, with a real Kafka. */
abstract class StoreFixture {
    static final StateConfig ONE = stores(new StateConfig.Store("one", null, false));

    @TempDir
    Path directory;

    final Queue<String> seen = new ConcurrentLinkedQueue<>();
    final String topic = TestKafka.newTopic(2);
    /** Settings of Streams. */
    final Map<String, String> settings = new HashMap<>();
    final String out = TestKafka.newTopic(1);

    static StateConfig stores(StateConfig.Store... stores) {
        return new StateConfig(List.of(stores), List.of());
    }

    Engine start(StateConfig state, boolean exactlyOnce, BiFunction<Task, Effects, Decision> decide) {
        Map<String, String> streams = new HashMap<>(settings);
        streams.putIfAbsent("state.dir", directory.toString());
        Engine engine = new StreamsEngineType().create(new EngineConfig(TestKafka.bootstrapServers(), topic,
                "group-" + topic, 2, new KafkaSettings(Map.of(), Map.of("heartbeat.interval.ms", "100"), Map.of(),
                        Map.of(), Map.of("streams", streams)),
                () -> new TaskProcessor() {
                    @Override
                    public Decision process(Task task) {
                        throw new AssertionError("called without effects");
                    }

                    @Override
                    public Decision process(Task task, Effects effects) {
                        Decision decision = decide.apply(task, effects);
                        seen.add(text(task.value()));
                        return decision;
                    }

                    @Override
                    public void close() {}
                }).withState(state).withExactlyOnce(exactlyOnce));
        engine.start();
        return engine;
    }

    /** Counts the values of a key, and produces each count as {@code key=count}. */
    Decision count(Task task, Effects effects) {
        byte[] before = effects.state().get(0, task.key());
        byte[] after = Integer.toString(before == null ? 1 : Integer.parseInt(text(before)) + 1).getBytes(UTF_8);
        effects.state().set(0, task.key(), after);
        effects.produce(new ProducerRecord<>(out, bytes(text(task.key()) + '=' + text(after))));
        return Decision.COMPLETE;
    }

    void send(int from, int to, int keys) {
        for (int i = from; i < to; i++) {
            TestKafka.sendAsync(topic, i % keys % 2, bytes("key-" + i % keys), bytes(Integer.toString(i)));
        }
        TestKafka.flush();
    }

    /** Checks that each count of each key came out once. */
    void assertCounted(int count, int keys) throws Exception {
        Await.until("every output", () -> TestKafka.records(out).size() >= count);
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            expected.add("key-" + i % keys + '=' + (i / keys + 1));
        }
        assertEquals(expected.stream().sorted().toList(),
                TestKafka.records(out).stream().map(record -> text(record.value())).sorted().toList());
    }

    static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }

    static String text(byte[] bytes) {
        return new String(bytes, UTF_8);
    }
}
