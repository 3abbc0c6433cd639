package io.github.wasmton.devkafka;

import java.util.Collection;

import io.github.wasmton.internal.cli.LocalKafka;

/** The embedded Kafka as {@code wasmton dev --with-kafka} finds it. */
public final class LocalKafkaService implements LocalKafka {
    @Override
    public Running start(Collection<String> topics) {
        EmbeddedKafka kafka = new EmbeddedKafka();
        topics.forEach(topic -> kafka.createTopic(topic, 1));
        return new Running() {
            @Override
            public String bootstrapServers() {
                return kafka.bootstrapServers();
            }

            @Override
            public void close() {
                kafka.close();
            }
        };
    }
}
