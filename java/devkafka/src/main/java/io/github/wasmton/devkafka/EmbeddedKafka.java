package io.github.wasmton.devkafka;

import static io.github.wasmton.devkafka.KafkaNode.CONTROLLER;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.RetriableException;

/**
 * A Kafka in this JVM, for a demo and for tests. It listens on the loopback address only, and keeps its data in a
 * temporary directory that is deleted on close. There is no access control, but there can be a second address with a
 * login. A node takes 2 to 9 seconds to start, and 512 MB of heap under load.
 */
public final class EmbeddedKafka implements AutoCloseable {
    private static final int TOPIC_LIMIT_SECONDS = 30;

    private final Path directory;
    private final List<KafkaNode> nodes = new ArrayList<>();
    private final String bootstrapServers;
    private final String serversWithLogin;

    /** Starts one node, and returns once it is ready. */
    public EmbeddedKafka() {
        this(1, null);
    }

    /** Starts one node with a second address where clients log in by SASL/PLAIN as the user {@code wasmton}. */
    public EmbeddedKafka(String password) {
        this(1, password);
    }

    /** Starts a cluster with a replica of each partition on each node. Of three nodes or more, one may be down. */
    public EmbeddedKafka(int nodes) {
        this(nodes, null);
    }

    private EmbeddedKafka(int count, String password) {
        try {
            directory = Files.createTempDirectory("wasmton-kafka-");
            // Three addresses per node: for clients, for controllers, and for clients with a login.
            List<String> addresses = freeAddresses(3 * count);
            bootstrapServers = String.join(",", addresses.subList(0, count));
            serversWithLogin = String.join(",", addresses.subList(2 * count, 3 * count));
            String clusterId = Uuid.randomUuid().toString();
            String voters = IntStream.rangeClosed(1, count).mapToObj(id -> id + "@" + addresses.get(count + id - 1))
                    .collect(Collectors.joining(","));
            for (int i = 0; i < count; i++) {
                Properties settings = settings(count, addresses.get(i), addresses.get(count + i));
                settings.put("controller.quorum.voters", voters);
                if (password != null) {
                    addLogin(settings, addresses.get(2 * count + i), password);
                }
                int id = i + 1;
                nodes.add(new KafkaNode(id, Files.createDirectory(directory.resolve("node-" + id)), clusterId,
                        settings));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot prepare the embedded Kafka", e);
        }
        try {
            start();
        } catch (RuntimeException | Error e) {
            close();
            throw e;
        }
    }

    /** Starts Kafka again after {@link #stop}, at the same addresses and with its data. */
    public void start() {
        forEach(KafkaNode::start);
    }

    /** Stops Kafka and keeps its data. */
    public void stop() {
        forEach(KafkaNode::stop);
    }

    /** Stops one node and starts it again, while the others run. Nodes count from 0. */
    public void restart(int node) {
        nodes.get(node).stop();
        nodes.get(node).start();
    }

    /** Runs an action on all nodes at once, because a node is ready only when others are. */
    private void forEach(Consumer<KafkaNode> action) {
        CompletableFuture<?>[] actions = nodes.stream().map(node -> CompletableFuture.runAsync(
                () -> action.accept(node), task -> new Thread(task).start())).toArray(CompletableFuture<?>[]::new);
        try {
            CompletableFuture.allOf(actions).join();
        } catch (CompletionException e) {
            throw new IllegalStateException("a node failed", e.getCause());
        }
    }

    /** Returns the addresses for clients, as {@code host:port,host:port}. */
    public String bootstrapServers() {
        return bootstrapServers;
    }

    /** Returns the addresses for clients with a login, if a password was given. */
    public String serversWithLogin() {
        return serversWithLogin;
    }

    /**
     * Creates a topic, and returns once it can be written to. Kafka itself answers earlier, and an idempotent producer
     * that starts in between can lose its first records.
     */
    public void createTopic(String name, int partitions) {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers))) {
            admin.createTopics(List.of(new NewTopic(name, partitions, (short) nodes.size()))).all()
                    .get(TOPIC_LIMIT_SECONDS, TimeUnit.SECONDS);
            Map<TopicPartition, OffsetSpec> ends = new HashMap<>();
            for (int partition = 0; partition < partitions; partition++) {
                ends.put(new TopicPartition(name, partition), OffsetSpec.latest());
            }
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(TOPIC_LIMIT_SECONDS);
            // The broker learns of the topic before its partitions accept writes, and Kafka waits for neither.
            while (!isKnown(admin, name) || !isWritable(admin, ends)) {
                if (System.nanoTime() > end) {
                    throw new TimeoutException("not writable within " + TOPIC_LIMIT_SECONDS + " s");
                }
                Thread.sleep(10);
            }
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException("cannot create the topic " + name, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while creating the topic " + name, e);
        }
    }

    /** Returns the data directory. */
    Path directory() {
        return directory;
    }

    private static boolean isKnown(Admin admin, String topic) throws ExecutionException, InterruptedException {
        try {
            return !admin.describeTopics(List.of(topic)).allTopicNames().get().isEmpty();
        } catch (ExecutionException e) {
            return retry(e);
        }
    }

    /** Checks that partitions have leaders: only a leader that is ready knows where its partition ends. */
    private static boolean isWritable(Admin admin, Map<TopicPartition, OffsetSpec> ends)
            throws ExecutionException, InterruptedException {
        try {
            return !admin.listOffsets(ends).all().get().isEmpty();
        } catch (ExecutionException e) {
            return retry(e);
        }
    }

    private static boolean retry(ExecutionException e) throws ExecutionException {
        if (e.getCause() instanceof RetriableException) {
            return false;
        }
        throw e;
    }

    /** Stops Kafka and deletes its data. */
    @Override
    public void close() {
        stop();
        try (Stream<Path> files = Files.walk(directory)) {
            files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot delete the data of the embedded Kafka", e);
        }
    }

    private static void addLogin(Properties settings, String address, String password) {
        String listener = ",LOGIN://" + address;
        settings.merge("listeners", listener, (a, b) -> a + listener);
        settings.merge("advertised.listeners", listener, (a, b) -> a + listener);
        settings.merge("listener.security.protocol.map", "", (a, b) -> a + ",LOGIN:SASL_PLAINTEXT");
        settings.put("listener.name.login.sasl.enabled.mechanisms", "PLAIN");
        settings.put("listener.name.login.plain.sasl.jaas.config",
                "org.apache.kafka.common.security.plain.PlainLoginModule required user_wasmton=\"" + password + "\";");
    }

    private static Properties settings(int nodes, String address, String controllerAddress) {
        String listener = "PLAINTEXT://" + address;
        String copies = Integer.toString(nodes);
        Map<String, String> settings = new HashMap<>();
        settings.put("process.roles", "broker,controller");
        settings.put("controller.listener.names", CONTROLLER);
        settings.put("listeners", listener + "," + CONTROLLER + "://" + controllerAddress);
        settings.put("advertised.listeners", listener);
        settings.put("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT," + CONTROLLER + ":PLAINTEXT");
        settings.put("auto.create.topics.enable", "false");
        // Each node has a replica of each partition.
        settings.put("default.replication.factor", copies);
        settings.put("offsets.topic.replication.factor", copies);
        settings.put("transaction.state.log.replication.factor", copies);
        settings.put("min.insync.replicas", Integer.toString(nodes / 2 + 1));
        settings.put("transaction.state.log.min.isr", Integer.toString(nodes / 2 + 1));
        // Fewer resources to start, and shorter waits.
        settings.put("group.initial.rebalance.delay.ms", "0");
        settings.put("transaction.abort.timed.out.transaction.cleanup.interval.ms", "500");
        settings.put("group.min.session.timeout.ms", "500");
        settings.put("offsets.topic.num.partitions", "1");
        settings.put("transaction.state.log.num.partitions", "1");
        settings.put("num.network.threads", "1");
        settings.put("num.io.threads", "2");
        settings.put("background.threads", "2");
        settings.put("log.cleaner.dedupe.buffer.size", "2097152");
        // A node that stops hands its partitions to the others, if there are any.
        settings.put("controlled.shutdown.enable", Boolean.toString(nodes > 1));
        // The default is too small for a task of 1 MiB with its key.
        settings.put("message.max.bytes", "4194304");
        Properties properties = new Properties();
        properties.putAll(settings);
        return properties;
    }

    /** Returns free addresses. All their ports are open at the same time here, so that they differ. */
    private static List<String> freeAddresses(int count) throws IOException {
        List<ServerSocket> sockets = new ArrayList<>();
        try {
            for (int i = 0; i < count; i++) {
                sockets.add(new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1")));
            }
            return sockets.stream().map(socket -> "127.0.0.1:" + socket.getLocalPort()).toList();
        } finally {
            for (ServerSocket socket : sockets) {
                socket.close();
            }
        }
    }
}
