package io.github.wasmton.internal.kafka;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;

/**
 * Settings that somebody gave, under the names of Kafka's clients and of the engines; may hold secrets.
 *
 * @param all      for every client that knows them, such as those of security. What no client knows is for a class that
 *                 is plugged into one, and goes to all.
 * @param consumer for consumers alone; before those for all
 * @param producer for producers alone; before those for all
 * @param admin    for administration alone; before those for all
 * @param engines  for one engine alone, by its name
 */
public record KafkaSettings(Map<String, String> all, Map<String, String> consumer, Map<String, String> producer,
        Map<String, String> admin, Map<String, Map<String, String>> engines) {
    /** No settings. */
    public static final KafkaSettings NONE = all(Map.of());

    public KafkaSettings {
        all = Map.copyOf(all);
        consumer = Map.copyOf(consumer);
        producer = Map.copyOf(producer);
        admin = Map.copyOf(admin);
        engines = engines.entrySet().stream()
                .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, engine -> Map.copyOf(engine.getValue())));
    }

    /** Returns settings that apply to all clients. */
    public static KafkaSettings all(Map<String, String> settings) {
        return new KafkaSettings(settings, Map.of(), Map.of(), Map.of(), Map.of());
    }

    /** Returns these settings with one more for consumers alone. */
    public KafkaSettings withConsumer(String name, String value) {
        Map<String, String> more = new HashMap<>(consumer);
        more.put(name, value);
        return new KafkaSettings(all, more, producer, admin, engines);
    }

    /** Returns these settings with one more for producers alone. */
    public KafkaSettings withProducer(String name, String value) {
        Map<String, String> more = new HashMap<>(producer);
        more.put(name, value);
        return new KafkaSettings(all, consumer, more, admin, engines);
    }

    /** Returns the settings of the engine with that name. */
    public Map<String, String> forEngine(String name) {
        return engines.getOrDefault(name, Map.of());
    }

    /** Returns a copy of the settings for a consumer. */
    public Map<String, String> forConsumer() {
        return forClient(ConsumerConfig.configNames(), consumer);
    }

    /** Returns a copy of the settings for a producer. */
    public Map<String, String> forProducer() {
        return forClient(ProducerConfig.configNames(), producer);
    }

    /** Returns a copy of the settings for an administration client. */
    public Map<String, String> forAdmin() {
        return forClient(AdminClientConfig.configNames(), admin);
    }

    /**
     * Creates an administration client with these settings, which the caller closes.
     *
     * @param others before all that was given
     * @throws org.apache.kafka.common.KafkaException where Kafka's client does not accept them
     */
    public Admin createAdmin(String servers, String clientId, Map<String, ?> others) {
        Map<String, Object> settings = new HashMap<>(forAdmin());
        settings.put(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, servers);
        settings.put(AdminClientConfig.CLIENT_ID_CONFIG, clientId);
        settings.putAll(others);
        return Admin.create(settings);
    }

    private Map<String, String> forClient(Set<String> known, Map<String, String> own) {
        Map<String, String> settings = new HashMap<>(all);
        settings.keySet().removeIf(name -> !known.contains(name) && isKnown(name));
        settings.putAll(own);
        return settings;
    }

    /** Returns whether one of Kafka's clients knows that setting. */
    public static boolean isKnown(String name) {
        return ConsumerConfig.configNames().contains(name) || ProducerConfig.configNames().contains(name)
                || AdminClientConfig.configNames().contains(name);
    }

    /** Returns the names without the values. */
    @Override
    public String toString() {
        return "KafkaSettings[" + all.keySet() + ", consumer " + consumer.keySet() + ", producer " + producer.keySet()
                + ", admin " + admin.keySet() + engines.entrySet().stream()
                        .map(engine -> ", " + engine.getKey() + ' ' + engine.getValue().keySet())
                        .collect(Collectors.joining()) + ']';
    }
}
