package io.github.wasmton.internal.engine;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import ch.qos.logback.classic.Level;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

import io.github.wasmton.devkafka.EmbeddedKafka;
import io.github.wasmton.failure.FailureOptions.Threshold;
import io.github.wasmton.failure.FailureOptions;
import io.github.wasmton.guest.GuestModule;
import io.github.wasmton.guest.GuestOptions;
import io.github.wasmton.guest.Task;
import io.github.wasmton.internal.kafka.KafkaSettings;
import io.github.wasmton.internal.run.RunContext;
import io.github.wasmton.internal.run.TaskRunner;
import io.github.wasmton.testing.Await;
import io.github.wasmton.testing.Guests;
import io.github.wasmton.testing.LogCapture;
import io.github.wasmton.testing.Wasm;

/** Restarts a broker under load while all engines process one topic. */
class BrokerRestartTest {
    private static final int COUNT = 20_000;
    private static final Pattern LEFT_OUT = Pattern.compile("^WARN (\\d+) more tasks");

    @Test
    void brokerRestartUnderLoadLosesNothing() throws Exception {
        try (LogCapture log = new LogCapture("io.github.wasmton.internal.run.FailureLog", Level.WARN);
             EmbeddedKafka kafka = new EmbeddedKafka();
             GuestModule module = Wasm.guest(Guests.TRAPS_AT_F, GuestOptions.DEFAULT)) {
            kafka.createTopic("tasks", 2);
            List<Run> runs = new ArrayList<>();
            try {
                for (EngineType engine : EngineTypes.ALL) {
                    runs.add(new Run(kafka, module, engine, false));
                    if (engine.hasEffects()) {
                        runs.add(new Run(kafka, module, engine, true));
                    }
                }
                CompletableFuture<Void> half = new CompletableFuture<>();
                CompletableFuture<Void> produced = CompletableFuture.runAsync(() -> produce(kafka, half));
                Await.result("half of the records", half);
                Await.until("some tasks", () -> runs.stream().allMatch(run -> run.complete.size() > 500));
                kafka.stop();
                kafka.start();
                Await.result("all records", produced);
                for (Run run : runs) {
                    Await.until("every task on " + run.name + ", not " + run.complete.size(),
                            () -> run.complete.size() == COUNT || run.engine.ended().isDone());
                    assertNull(run.engine.ended().getNow(null),
                            () -> run.name + " ended by itself: " + run.failures.settlement().stopReason());
                    assertTrue(run.engine.close(Await.LIMIT), run.name + " closed in time");
                }
            } finally {
                runs.forEach(Run::close);
            }
            for (Run run : runs) {
                List<String> letters = values(kafka, "dead-" + run.name);
                assertEquals(COUNT / 100, Set.copyOf(letters).size(), "dead letters of " + run.name);
                assertTrue(!run.exactlyOnce || letters.size() == COUNT / 100,
                        letters.size() + " dead letters, once each");
                assertEquals((long) COUNT, committed(kafka, "group-" + run.name), "committed by " + run.name);
            }
            int inTheLog = log.lines().stream().mapToInt(BrokerRestartTest::failures).sum();
            assertTrue(inTheLog >= runs.size() * COUNT / 100, inTheLog + " failures are in the log");
        }
    }

    /** Returns the number of failures that a log line counts. */
    private static int failures(String line) {
        Matcher leftOut = LEFT_OUT.matcher(line);
        return leftOut.find() ? Integer.parseInt(leftOut.group(1)) : 1;
    }

    /** One engine, and the tasks that were complete on it. */
    private static final class Run implements AutoCloseable {
        final String name;
        final boolean exactlyOnce;
        final Set<String> complete = ConcurrentHashMap.newKeySet();
        final Engine engine;
        private final RunContext failures;

        Run(EmbeddedKafka kafka, GuestModule module, EngineType type, boolean exactlyOnce) {
            name = type.name() + (exactlyOnce ? "-exactly-once" : "");
            this.exactlyOnce = exactlyOnce;
            kafka.createTopic("dead-" + name, 1);
            failures = RunContext.of(module, FailureOptions.DEFAULT.withAttempts(1).withDeadLetterTopic("dead-" + name)
                    .withThreshold(new Threshold(1, 1_000, 1)),
                    // A dead letter that Kafka does not take in time stops an engine. On a busy machine 30 s are too
                    // few.
                    Map.of("bootstrap.servers", kafka.bootstrapServers(), "delivery.timeout.ms", "300000",
                            "max.block.ms", "300000"));
            engine = type.create(new EngineConfig(kafka.bootstrapServers(), "tasks", "group-" + name, 1,
                    KafkaSettings.NONE, () -> counting(new TaskRunner(module, failures)))
                    .withExactlyOnce(exactlyOnce));
            engine.start();
        }

        private TaskProcessor counting(TaskRunner runner) {
            return new TaskProcessor() {
                @Override
                public Decision process(Task task) {
                    return counted(task, runner.process(task));
                }

                @Override
                public Decision process(Task task, Effects effects) {
                    return counted(task, runner.process(task, effects));
                }

                private Decision counted(Task task, Decision decision) {
                    if (decision == Decision.COMPLETE) {
                        complete.add(task.toString());
                    }
                    return decision;
                }

                @Override
                public void close() {
                    runner.close();
                }
            };
        }

        @Override
        public void close() {
            engine.close();
            failures.close();
        }
    }

    private static void produce(EmbeddedKafka kafka, CompletableFuture<Void> half) {
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", kafka.bootstrapServers()), new ByteArraySerializer(),
                new ByteArraySerializer())) {
            for (int i = 0; i < COUNT; i++) {
                String value = (i % 100 == 50 ? "fails " : "good ") + i;
                producer.send(new ProducerRecord<>("tasks", i % 2, null, value.getBytes(UTF_8)));
                if (i == COUNT / 2) {
                    producer.flush();
                    half.complete(null);
                }
            }
            producer.flush();
        } catch (RuntimeException e) {
            half.completeExceptionally(e);
            throw e;
        }
    }

    private static KafkaConsumer<byte[], byte[]> consumer(EmbeddedKafka kafka, String group) {
        return new KafkaConsumer<>(Map.of("bootstrap.servers", kafka.bootstrapServers(), "group.id", group,
                "isolation.level", "read_committed"), new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    /** Returns the values in a topic of one partition. */
    private static List<String> values(EmbeddedKafka kafka, String topic) {
        TopicPartition partition = new TopicPartition(topic, 0);
        List<String> values = new ArrayList<>();
        try (KafkaConsumer<byte[], byte[]> consumer = consumer(kafka, "reading")) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long end = consumer.endOffsets(List.of(partition)).get(partition);
            while (consumer.position(partition) < end) {
                consumer.poll(Duration.ofMillis(100)).forEach(record -> values.add(new String(record.value(), UTF_8)));
            }
        }
        return values;
    }

    private static long committed(EmbeddedKafka kafka, String group) {
        Set<TopicPartition> partitions = Set.of(new TopicPartition("tasks", 0), new TopicPartition("tasks", 1));
        try (KafkaConsumer<byte[], byte[]> consumer = consumer(kafka, group)) {
            return consumer.committed(partitions).values().stream().mapToLong(offset -> offset.offset()).sum();
        }
    }
}
