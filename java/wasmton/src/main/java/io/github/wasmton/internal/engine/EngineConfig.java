package io.github.wasmton.internal.engine;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;

import org.apache.kafka.clients.consumer.ConsumerConfig;

import io.github.wasmton.internal.kafka.KafkaSettings;

/**
 * Configuration of an engine.
 *
 * @param bootstrapServers Kafka's {@code host:port,...}
 * @param topic            the one topic to read
 * @param group            the consumer group, which holds the progress
 * @param threads          number of threads of the engine, or of each partition (decaton)
 * @param kafka            further settings of Kafka's clients and of the engine; may hold secrets
 * @param processors       creates the processor of one thread; called by engine threads, so it must be quick
 * @param inFlight         used instead of {@code processors} for many concurrent tasks; else {@code null}
 * @param threadStack      stack size of the engine's own threads that run processors, in bytes; 0 for the JVM's default
 * @param exactlyOnce      whether outputs, state and offsets are committed in one transaction
 * @param state            the stores of the tasks
 * @param batches          settings if {@code processors} take batches; else {@code null}
 */
public record EngineConfig(String bootstrapServers, String topic, String group, int threads,
                           KafkaSettings kafka, Supplier<? extends TaskProcessor> processors,
                           InFlight inFlight, long threadStack, boolean exactlyOnce, StateConfig state,
                           BatchConfig batches) {
    public EngineConfig {
        Objects.requireNonNull(bootstrapServers, "bootstrapServers");
        Objects.requireNonNull(topic, "topic");
        Objects.requireNonNull(group, "group");
        if ((processors == null) == (inFlight == null)) {
            throw new IllegalArgumentException("tasks are processed by threads of the engine, or many are in flight");
        }
        Objects.requireNonNull(kafka, "kafka");
        Objects.requireNonNull(state, "state");
        if (threads < 1) {
            throw new IllegalArgumentException("at least one thread is needed: " + threads);
        }
    }

    /** Creates a configuration for one task at a time on each thread. */
    public EngineConfig(String bootstrapServers, String topic, String group, int threads, KafkaSettings kafka,
                        Supplier<? extends TaskProcessor> processors) {
        this(bootstrapServers, topic, group, threads, kafka, Objects.requireNonNull(processors, "processors"), null);
    }

    /** Creates a configuration for many concurrent tasks, or for one task at a time on each thread. */
    public EngineConfig(String bootstrapServers, String topic, String group, int threads, KafkaSettings kafka,
                        Supplier<? extends TaskProcessor> processors, InFlight inFlight) {
        this(bootstrapServers, topic, group, threads, kafka, processors, inFlight, 0, false, StateConfig.NONE, null);
    }

    /** Returns this configuration with another stack size of threads. */
    public EngineConfig withThreadStack(long newThreadStack) {
        return new EngineConfig(bootstrapServers, topic, group, threads, kafka, processors, inFlight, newThreadStack,
                exactlyOnce, state, batches);
    }

    /** Returns this configuration with exactly-once or without. */
    public EngineConfig withExactlyOnce(boolean newExactlyOnce) {
        return new EngineConfig(bootstrapServers, topic, group, threads, kafka, processors, inFlight, threadStack,
                newExactlyOnce, state, batches);
    }

    /** Returns this configuration with other stores. */
    public EngineConfig withState(StateConfig newState) {
        return new EngineConfig(bootstrapServers, topic, group, threads, kafka, processors, inFlight, threadStack,
                exactlyOnce, newState, batches);
    }

    /** Returns this configuration with processors that take batches. */
    public EngineConfig withBatches(BatchConfig newBatches) {
        return new EngineConfig(bootstrapServers, topic, group, threads, kafka, processors, inFlight, threadStack,
                exactlyOnce, state, newBatches);
    }

    /** Returns whether the engine itself commits the effects of tasks ({@link Effects}). */
    public boolean hasEffects() {
        return exactlyOnce || state.any() || batches != null;
    }

    /**
     * Returns the settings of the consumer except for the group: those of {@link #kafka}, and three defaults that
     * differ from Kafka's. A group without progress starts with the oldest record; the newest would lose records sent
     * before the first start. Records of aborted transactions are not read. A deleted topic is not created again.
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

    /** Returns a text without values that may be secret. */
    @Override
    public String toString() {
        return "EngineConfig[" + topic + " on " + bootstrapServers + ", group " + group + ", " + threads + " threads, "
                + kafka + (exactlyOnce ? ", exactly once" : "") + ']';
    }
}
