package io.github.wasmton.internal.cli;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.utils.Utils;

import io.github.wasmton.internal.kafka.KafkaSettings;

/**
 * Asks Kafka for the topic before anything depends on it. A plain connection comes first, because it reports its error;
 * Kafka's clients only log it repeatedly and time out.
 */
final class KafkaCheck {
    private static final Duration CONNECT_LIMIT = Duration.ofSeconds(5);
    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(10);

    private static final int MAX_PORT = 65_535;
    private static final String DEAD_LETTER_TOPIC = "--dead-letter-topic: ";

    private KafkaCheck() {
    }

    /**
     * Returns the number of the topic's partitions, and checks that the other topics exist.
     *
     * @param others   topics to write to
     * @param settings for the connection's security
     * @throws BadInputException if there is no such topic, or KafkaAwayException if no Kafka answers within 15 s
     */
    static int partitions(String servers, String topic, Collection<String> others, KafkaSettings settings)
            throws CommandException {
        try {
            connectToAny(servers);
            return describe(servers, topic, others, settings);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BadInputException("Interrupted while asking Kafka for the topic.", e);
        }
    }

    /** Connects to all servers at once, so that one that does not answer takes no time from the next. */
    private static void connectToAny(String servers) throws CommandException, InterruptedException {
        BlockingQueue<Attempt> attempts = new LinkedBlockingQueue<>();
        Set<String> silent = new LinkedHashSet<>();
        for (String server : servers.split(",")) {
            silent.add(server.strip());
            connect(server.strip(), attempts);
        }
        List<String> failures = new ArrayList<>();
        long end = System.nanoTime() + CONNECT_LIMIT.toNanos();
        while (!silent.isEmpty()) {
            Attempt attempt = attempts.poll(end - System.nanoTime(), TimeUnit.NANOSECONDS);
            if (attempt == null) {
                break;
            }
            if (attempt.failure == null) {
                return;
            }
            silent.remove(attempt.server);
            failures.add(attempt.server + ' ' + attempt.failure);
        }
        silent.forEach(server -> failures.add(server + " does not answer"));
        throw new KafkaAwayException("No Kafka: " + String.join("; ", failures)
                + ". BOOTSTRAP_SERVERS must name a running Kafka, as host:port, that this machine reaches.", null);
    }

    /** Returns the reason of a failed connection, or {@code null} if it succeeded. */
    private record Attempt(String server, String failure) {}

    /** Connects on its own thread, because a name's look-up has no time limit. */
    private static void connect(String server, BlockingQueue<Attempt> attempts) throws BadInputException {
        // As Kafka's clients read it, also with a protocol before the host: PLAINTEXT://localhost:9092.
        String host = Utils.getHost(server);
        Integer port = Utils.getPort(server);
        if (host == null || host.isEmpty() || port == null || port > MAX_PORT) {
            throw notAServer(server);
        }
        Thread thread = new Thread(() -> attempts.add(new Attempt(server, tryToConnect(host, port))), "connect");
        thread.setDaemon(true);
        thread.start();
    }

    private static BadInputException notAServer(String server) {
        return new BadInputException("'" + server + "' is not host:port, as BOOTSTRAP_SERVERS must be, such as "
                + "localhost:9092.", null);
    }

    private static String tryToConnect(String host, int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getByName(host), port), (int) CONNECT_LIMIT.toMillis());
            return null;
        } catch (UnknownHostException e) {
            return "is not a known host";
        } catch (IOException | IllegalArgumentException e) {
            return "cannot be reached (" + e.getMessage() + ')';
        }
    }

    private static int describe(String servers, String topic, Collection<String> others, KafkaSettings settings)
            throws CommandException, InterruptedException {
        Set<String> topics = new LinkedHashSet<>(others);
        topics.add(topic);
        String asked = topic;
        try (Admin client = admin(servers, settings)) {
            Map<String, KafkaFuture<TopicDescription>> answers = client.describeTopics(topics).topicNameValues();
            for (String each : topics) {
                asked = each;
                answers.get(each).get();
            }
            return answers.get(topic).get().partitions().size();
        } catch (ExecutionException e) {
            throw answer(servers, asked, e.getCause(), "");
        } catch (KafkaException e) {
            throw new BadInputException("Kafka's client does not accept the settings: " + innermost(e), e);
        }
    }

    static Admin admin(String servers, KafkaSettings settings) {
        int millis = (int) ANSWER_LIMIT.toMillis();
        return settings.createAdmin(servers, "wasmton-check", Map.of(
                AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, millis,
                AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, millis));
    }

    /**
     * Checks that a topic can hold dead letters: that it exists, and keeps all records.
     *
     * @throws BadInputException if it cannot
     */
    static void deadLetterTopic(String servers, String topic, KafkaSettings settings) throws CommandException {
        ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        try (Admin client = admin(servers, settings)) {
            describe(servers, topic, List.of(), settings);
            Config config = client.describeConfigs(List.of(resource)).all().get().get(resource);
            String cleanup = config.get(TopicConfig.CLEANUP_POLICY_CONFIG).value();
            if (cleanup.contains(TopicConfig.CLEANUP_POLICY_COMPACT)) {
                throw new BadInputException("The dead-letter topic '" + topic + "' is compacted: of the dead letters "
                        + "with one key it would keep the last alone. Set its cleanup.policy to delete.", null);
            }
        } catch (BadInputException e) {
            throw new BadInputException(DEAD_LETTER_TOPIC + e.getMessage(), e);
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof AuthorizationException)) {
                throw answer(servers, topic, e.getCause(), DEAD_LETTER_TOPIC);
            }
            // Not every user may read a topic's settings; the first write shows the rest.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BadInputException("Interrupted while asking Kafka for the dead-letter topic.", e);
        }
    }

    /**
     * Checks that the brokers allow transactions as long as the longest task takes.
     *
     * @throws BadInputException if they do not
     */
    static void transactionTimeout(String servers, KafkaSettings settings) throws CommandException {
        String wanted = settings.forProducer().get(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG);
        try (Admin client = admin(servers, settings)) {
            ConfigResource broker = new ConfigResource(ConfigResource.Type.BROKER,
                    client.describeCluster().nodes().get().iterator().next().idString());
            ConfigEntry most = client.describeConfigs(List.of(broker)).all().get().get(broker)
                    .get("transaction.max.timeout.ms");
            if (most != null && Long.parseLong(wanted) > Long.parseLong(most.value())) {
                throw new BadInputException("--exactly-once: transaction.timeout.ms is " + wanted + ", because the "
                        + "longest task with all its attempts belongs to one transaction, and the brokers allow "
                        + most.value() + " (transaction.max.timeout.ms). Give a shorter --deadline, fewer --attempts, "
                        + "or raise it there.", null);
            }
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof AuthorizationException)) {
                throw answer(servers, "transaction.max.timeout.ms", e.getCause(), "--exactly-once: ");
            }
            // Not every user may read the brokers' settings; the first transaction shows it.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BadInputException("Interrupted while asking Kafka for its settings.", e);
        }
    }

    /**
     * Checks the changelog topics that are there: Streams checks the number of partitions, but would take one that
     * forgets.
     *
     * @param names the names of the topics
     * @return the topics that do not exist yet
     * @throws BadInputException if one of them would lose state
     */
    static List<String> changelogs(String servers, Collection<String> names, int partitions, KafkaSettings settings)
            throws CommandException {
        List<String> missing = new ArrayList<>();
        try (Admin client = admin(servers, settings)) {
            for (String name : names) {
                if (!changelog(client, servers, name, partitions)) {
                    missing.add(name);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BadInputException("Interrupted while asking Kafka for the changelogs.", e);
        }
        return missing;
    }

    /** Checks a changelog topic. Returns false if it does not exist yet. */
    private static boolean changelog(Admin client, String servers, String name, int partitions)
            throws CommandException, InterruptedException {
        ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, name);
        try {
            int found = client.describeTopics(List.of(name)).allTopicNames().get().get(name).partitions().size();
            if (found != partitions) {
                throw new BadInputException("--state: the changelog topic '" + name + "' has " + found
                        + " partitions, and the topic that is read has " + partitions + ", so the state of some "
                        + "keys would be in another partition. Use another --group, or delete the changelog to "
                        + "begin with empty state.", null);
            }
            String cleanup = client.describeConfigs(List.of(resource)).all().get().get(resource)
                    .get(TopicConfig.CLEANUP_POLICY_CONFIG).value();
            if (!cleanup.equals(TopicConfig.CLEANUP_POLICY_COMPACT)) {
                throw new BadInputException("--state: the changelog topic '" + name + "' has cleanup.policy="
                        + cleanup + ", so Kafka would delete state that is still needed. Set its cleanup.policy to "
                        + "compact.", null);
            }
        } catch (ExecutionException e) {
            if (e.getCause() instanceof UnknownTopicOrPartitionException) {
                return false;
            }
            if (!(e.getCause() instanceof AuthorizationException)) {
                throw answer(servers, name, e.getCause(), "--state: ");
            }
            // Not every user may read a topic's settings; Streams checks the rest.
        }
        return true;
    }

    /**
     * Returns those of the topics that have a partition with a single replica. While such a partition has no leader,
     * Kafka 4.3 ends a transaction without it (KAFKA-20734).
     */
    static List<String> withSingleReplicas(String servers, Collection<String> topics, KafkaSettings settings)
            throws CommandException {
        try (Admin client = admin(servers, settings)) {
            return client.describeTopics(topics).allTopicNames().get().values().stream()
                    .filter(topic -> topic.partitions().stream().anyMatch(each -> each.replicas().size() == 1))
                    .map(TopicDescription::name).sorted().toList();
        } catch (ExecutionException e) {
            throw answer(servers, String.join("', '", topics), e.getCause(), "--exactly-once: ");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BadInputException("Interrupted while asking Kafka for the replicas.", e);
        }
    }

    /** Returns whether a group has committed an offset. False if this user may not ask. */
    static boolean hasProgress(String servers, String group, KafkaSettings settings) throws CommandException {
        try (Admin client = admin(servers, settings)) {
            return client.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get().values().stream()
                    .anyMatch(Objects::nonNull);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof AuthorizationException) {
                return false;
            }
            throw answer(servers, group, e.getCause(), "--group: ");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BadInputException("Interrupted while asking Kafka for the group's offsets.", e);
        }
    }

    /** Returns the exception that explains why Kafka did not show a topic. */
    static CommandException answer(String servers, String topic, Throwable e, String begin) {
        if (e instanceof UnknownTopicOrPartitionException) {
            return new BadInputException(begin + "The topic '" + topic + "' does not exist on " + servers
                    + ". Create it first, for example with (on a single broker the replication factor is 1): "
                    + "kafka-topics.sh --bootstrap-server " + servers
                    + " --create --partitions 3 --replication-factor 3 --topic " + topic, e);
        }
        if (e instanceof TimeoutException) {
            return new KafkaAwayException(begin + "Something listens on " + servers + ", but it does not answer as "
                    + "Kafka does. Is it Kafka, and are its security settings given (--kafka security.protocol=...)?",
                    e);
        }
        return new BadInputException(begin + "Kafka on " + servers + " does not show the topic '" + topic + "': "
                + e.getMessage(), e);
    }

    static String innermost(Throwable e) {
        Throwable cause = e;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause.getMessage();
    }
}
