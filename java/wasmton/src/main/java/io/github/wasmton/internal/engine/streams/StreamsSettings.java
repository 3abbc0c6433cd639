package io.github.wasmton.internal.engine.streams;

import java.util.Properties;

import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.StreamsConfig;

import io.github.wasmton.internal.engine.EngineConfig;
import io.github.wasmton.internal.kafka.KafkaSettings;

/** Settings of Kafka Streams that both engines on it need. */
final class StreamsSettings {
    private StreamsSettings() {
    }

    /** Returns new settings, which the caller may change. */
    static Properties of(EngineConfig config) {
        Properties settings = new Properties();
        if (!config.exactlyOnce()) {
            // Limits the records that a crash repeats. Streams' default is 30 s, and 100 ms with exactly-once.
            settings.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, "1000");
        }
        KafkaSettings kafka = config.kafka();
        kafka.all().forEach((name, value) -> {
            if (StreamsConfig.configDef().names().contains(name)) {
                settings.put(name, value);
            }
        });
        settings.putAll(kafka.forEngine("streams"));
        // By prefix, so that a setting of one client does not reach another one, or Streams.
        config.consumerSettings().forEach((name, value) -> settings.put(StreamsConfig.consumerPrefix(name), value));
        kafka.forProducer().forEach((name, value) -> settings.put(StreamsConfig.producerPrefix(name), value));
        kafka.forAdmin().forEach((name, value) -> settings.put(StreamsConfig.adminClientPrefix(name), value));
        settings.put(StreamsConfig.APPLICATION_ID_CONFIG, config.group());
        settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, config.bootstrapServers());
        settings.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, config.threads());
        settings.put(StreamsConfig.DEFAULT_KEY_SERDE_CLASS_CONFIG, Serdes.ByteArraySerde.class);
        settings.put(StreamsConfig.DEFAULT_VALUE_SERDE_CLASS_CONFIG, Serdes.ByteArraySerde.class);
        return settings;
    }
}
