package io.github.wasmton.internal.engine;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;

import org.apache.kafka.clients.consumer.ConsumerConfig;

import io.github.wasmton.internal.kafka.KafkaSettings;

/**
 * What an engine needs to know.
 *
 * @param bootstrapServers Kafka's {@code host:port,...}
 * @param topic            the one topic to read
 * @param group            the consumer group, under which the progress is kept
 * @param threads          how many: of the whole engine (streams), or of each partition (decaton)
 * @param kafka            further settings of Kafka's clients and of the engine; may hold secrets
 * @param processors       makes the processor of one thread; called by engine threads, so it must be quick
 * @param inFlight         in place of that, where many tasks are to be under way at once; else {@code null}
 */
public record EngineConfig(String bootstrapServers, String topic, String group, int threads,
                           KafkaSettings kafka, Supplier<? extends TaskProcessor> processors,
                           InFlight inFlight) {
    public EngineConfig {
        Objects.requireNonNull(bootstrapServers, "bootstrapServers");
        Objects.requireNonNull(topic, "topic");
        Objects.requireNonNull(group, "group");
        if ((processors == null) == (inFlight == null)) {
            throw new IllegalArgumentException("tasks are processed by threads of the engine, or many are in flight");
        }
        Objects.requireNonNull(kafka, "kafka");
        if (threads < 1) {
            throw new IllegalArgumentException("at least one thread is needed: " + threads);
        }
    }

    /** For one task at a time on each thread. */
    public EngineConfig(String bootstrapServers, String topic, String group, int threads, KafkaSettings kafka,
                        Supplier<? extends TaskProcessor> processors) {
        this(bootstrapServers, topic, group, threads, kafka, Objects.requireNonNull(processors, "processors"), null);
    }

    /**
     * Returns the settings of the consumer, but for the group: those of {@link #kafka}, and three defaults that differ
     * from Kafka's. A group without progress starts with the oldest record; the newest would lose what was sent before
     * the first start. Records of aborted transactions are not read. A topic that was deleted stays deleted.
     */
    public Map<String, String> consumerSettings() {
        Map<String, String> settings = new HashMap<>();
        settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, "false");
        settings.putAll(kafka.forConsumer());
        settings.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
        return settings;
    }

    /** Without the values that may be secret. */
    @Override
    public String toString() {
        return "EngineConfig[" + topic + " on " + bootstrapServers + ", group " + group + ", " + threads + " threads, "
                + kafka + ']';
    }
}
