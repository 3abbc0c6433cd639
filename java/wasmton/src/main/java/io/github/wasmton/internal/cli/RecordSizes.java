package io.github.wasmton.internal.cli;

import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ExecutionException;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.AuthorizationException;

import io.github.wasmton.internal.kafka.KafkaSettings;

/** A check that topics take every record that a task may produce. */
final class RecordSizes {
    /** Bytes that Kafka adds to key, value and headers, with room for hundreds of headers. */
    private static final int OVERHEAD = 4_096;

    private RecordSizes() {
    }

    /**
     * Checks the topics. An engine that commits the effects of tasks learns of a refused record only after the task: it
     * stops then, and so does each further start.
     *
     * @param most the most bytes that key, value and headers of a record may have
     * @throws BadInputException if a topic takes less
     */
    static void check(String servers, Collection<String> topics, long most, KafkaSettings settings)
            throws CommandException {
        try (Admin client = KafkaCheck.admin(servers, settings)) {
            Map<ConfigResource, Config> configs = client.describeConfigs(topics.stream()
                    .map(topic -> new ConfigResource(ConfigResource.Type.TOPIC, topic)).toList()).all().get();
            for (Map.Entry<ConfigResource, Config> topic : configs.entrySet()) {
                long limit = Long.parseLong(topic.getValue().get(TopicConfig.MAX_MESSAGE_BYTES_CONFIG).value());
                if (most + OVERHEAD > limit) {
                    throw new BadInputException("--output-topic: the topic '" + topic.getKey().name() + "' takes "
                            + "records of " + limit + " bytes at most (max.message.bytes), and a task may produce "
                            + "larger ones. With --exactly-once or --state, and in batches on the engine streams, "
                            + "such a record would stop Wasmton. Give --output-record-bytes "
                            + Math.max(1, limit - OVERHEAD) + ", or set max.message.bytes "
                            + "of the topic to " + (most + OVERHEAD) + '.', null);
                }
            }
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof AuthorizationException)) {
                throw KafkaCheck.answer(servers, String.join("', '", topics), e.getCause(), "--output-topic: ");
            }
            // Not every user may read a topic's settings; a record that is refused shows it.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BadInputException("Interrupted while asking Kafka for the output topics.", e);
        }
    }
}
