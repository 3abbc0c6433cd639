package io.github.wasmton.internal.engine.streams;

import java.time.Duration;
import java.util.Optional;
import java.util.Set;

import org.apache.kafka.streams.StreamsConfig;

import io.github.wasmton.internal.engine.Engine;
import io.github.wasmton.internal.engine.EngineConfig;
import io.github.wasmton.internal.engine.EngineType;
import io.github.wasmton.internal.kafka.KafkaSettings;

/** The engine {@code streams}. */
public final class StreamsEngineType implements EngineType {
    /** Time that a thread has besides a task, before the group takes its partitions away. */
    private static final Duration MARGIN = Duration.ofSeconds(30);

    @Override
    public String name() {
        return "streams";
    }

    @Override
    public boolean oneAtATime() {
        return true;
    }

    @Override
    public boolean inFlight() {
        return false;
    }

    @Override
    public boolean hasEffects() {
        return true;
    }

    @Override
    public ThreadScope threads() {
        return ThreadScope.PROCESS;
    }

    @Override
    public Set<String> settings() {
        return StreamsConfig.configDef().names();
    }

    @Override
    public Set<String> reservedSettings() {
        return Set.of("application.id", "bootstrap.servers", "num.stream.threads", "processing.guarantee",
                "default.key.serde", "default.value.serde", "processing.exception.handler",
                "production.exception.handler", "default.production.exception.handler");
    }

    @Override
    public Optional<String> problem(KafkaSettings settings, boolean effects, boolean batches) {
        String protocol = settings.forEngine(name()).getOrDefault(StreamsConfig.GROUP_PROTOCOL_CONFIG,
                settings.all().getOrDefault(StreamsConfig.GROUP_PROTOCOL_CONFIG, "classic"));
        if (!protocol.equalsIgnoreCase("streams")) {
            return Optional.empty();
        }
        if (batches) {
            return Optional.of("The engine streams has no batches with group.protocol=streams: Kafka Streams then "
                    + "makes its consumers itself, and Wasmton could not collect a batch. Leave it out, or use "
                    + "--engine consumer with --consumer group.protocol=consumer");
        }
        return !effects
                ? Optional.of("The engine streams runs with group.protocol=streams only with --exactly-once, --state "
                        + "or --table: Kafka Streams then makes its consumers itself, and Wasmton could not keep a "
                        + "failed task from being committed. Leave it out, give --exactly-once, or use --engine "
                        + "consumer with --consumer group.protocol=consumer")
                : Optional.empty();
    }

    /** Returns the longest time plus a margin: the processing thread is also the one that polls. */
    @Override
    public Duration pollInterval(Duration longestTask, boolean inFlight) {
        return longestTask.plus(MARGIN);
    }

    @Override
    public boolean joins(String assignor) {
        return assignor.equals("stream");
    }

    @Override
    public Engine create(EngineConfig config) {
        return config.hasEffects() ? new TopologyEngine(config) : new StreamsEngine(config);
    }
}
