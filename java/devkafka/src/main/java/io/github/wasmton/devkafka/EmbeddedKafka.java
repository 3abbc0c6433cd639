package io.github.wasmton.devkafka;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.MetadataVersion;

import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;

/**
 * A single-node Kafka in this JVM, for a demo and for tests. It listens on the loopback address only, and keeps its
 * data in a temporary directory that is deleted on close. There is no access control, but there can be a second address
 * with a login. Takes 2 to 9 seconds to start, and 512 MB of heap under load.
 */
public final class EmbeddedKafka implements AutoCloseable {
    private static final String NODE_ID = "1";
    private static final String CONTROLLER = "CONTROLLER";
    private static final int TOPIC_LIMIT_SECONDS = 30;

    private final Path directory;
    private final String bootstrapServers;
    private final String serversWithLogin;
    private final Properties settings;
    private KafkaRaftServer server;

    /** Starts a Kafka, and returns once it is ready. */
    public EmbeddedKafka() {
        this(null);
    }

    /** Starts a Kafka with a second address where clients log in by SASL/PLAIN as the user {@code wasmton}. */
    public EmbeddedKafka(String password) {
        try {
            directory = Files.createTempDirectory("wasmton-kafka-");
            int[] ports = freePorts();
            bootstrapServers = "127.0.0.1:" + ports[0];
            serversWithLogin = "127.0.0.1:" + ports[2];
            format(directory);
            settings = settings(ports[1]);
            if (password != null) {
                addLogin(settings, password);
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

    /** Restarts it after {@link #stop}, at the same addresses and with its data. */
    public void start() {
        server = new KafkaRaftServer(KafkaConfig.fromProps(settings, false), Time.SYSTEM);
        server.startup();
    }

    /** Stops it, and keeps its data. */
    public void stop() {
        if (server == null) {
            return;  // it did not start, and the reason is under way to the caller
        }
        server.shutdown();
        server.awaitShutdown();
    }

    /** Returns the address for clients, as {@code host:port}. */
    public String bootstrapServers() {
        return bootstrapServers;
    }

    /** Returns the address for clients with a login, if a password was given. */
    public String serversWithLogin() {
        return serversWithLogin;
    }

    /**
     * Creates a topic, and returns once it can be written to. Kafka itself answers earlier, and an idempotent producer
     * that starts in between can lose its first records.
     */
    public void createTopic(String name, int partitions) {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers))) {
            admin.createTopics(List.of(new NewTopic(name, partitions, (short) 1))).all()
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

    /** Stops it and deletes its data. */
    @Override
    public void close() {
        stop();
        try (Stream<Path> files = Files.walk(directory)) {
            files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot delete the data of the embedded Kafka", e);
        }
    }

    private static void format(Path directory) {
        Formatter formatter = new Formatter();
        formatter.setPrintStream(new PrintStream(OutputStream.nullOutputStream()));
        formatter.setClusterId(Uuid.randomUuid().toString());
        formatter.setNodeId(Integer.parseInt(NODE_ID));
        formatter.addDirectory(directory.toString());
        formatter.setMetadataLogDirectory(directory.toString());
        formatter.setControllerListenerName(CONTROLLER);
        formatter.setReleaseVersion(MetadataVersion.LATEST_PRODUCTION);
        try {
            formatter.run();
        } catch (Exception e) {
            throw new IllegalStateException("cannot format the data directory " + directory, e);
        }
    }

    private void addLogin(Properties settings, String password) {
        String listener = ",LOGIN://" + serversWithLogin;
        settings.merge("listeners", listener, (a, b) -> a + listener);
        settings.merge("advertised.listeners", listener, (a, b) -> a + listener);
        settings.merge("listener.security.protocol.map", "", (a, b) -> a + ",LOGIN:SASL_PLAINTEXT");
        settings.put("listener.name.login.sasl.enabled.mechanisms", "PLAIN");
        settings.put("listener.name.login.plain.sasl.jaas.config",
                "org.apache.kafka.common.security.plain.PlainLoginModule required user_wasmton=\"" + password + "\";");
    }

    private Properties settings(int controllerPort) {
        String listener = "PLAINTEXT://" + bootstrapServers;
        Map<String, String> settings = new HashMap<>();
        settings.put("process.roles", "broker,controller");
        settings.put("node.id", NODE_ID);
        settings.put("controller.quorum.voters", NODE_ID + "@127.0.0.1:" + controllerPort);
        settings.put("controller.listener.names", CONTROLLER);
        settings.put("listeners", listener + "," + CONTROLLER + "://127.0.0.1:" + controllerPort);
        settings.put("advertised.listeners", listener);
        settings.put("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT," + CONTROLLER + ":PLAINTEXT");
        settings.put("log.dirs", directory.toString());
        settings.put("auto.create.topics.enable", "false");
        // One node holds everything.
        settings.put("offsets.topic.replication.factor", "1");
        settings.put("transaction.state.log.replication.factor", "1");
        settings.put("transaction.state.log.min.isr", "1");
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
        settings.put("controlled.shutdown.enable", "false");
        // The default is too small for a task of 1 MiB with its key.
        settings.put("message.max.bytes", "4194304");
        Properties properties = new Properties();
        properties.putAll(settings);
        return properties;
    }

    /** Returns three ports without a listener. They are held at the same time, so that they differ. */
    private static int[] freePorts() throws IOException {
        InetAddress loopback = InetAddress.getByName("127.0.0.1");
        try (ServerSocket one = new ServerSocket(0, 1, loopback); ServerSocket two = new ServerSocket(0, 1, loopback);
             ServerSocket three = new ServerSocket(0, 1, loopback)) {
            return new int[] {one.getLocalPort(), two.getLocalPort(), three.getLocalPort()};
        }
    }
}
