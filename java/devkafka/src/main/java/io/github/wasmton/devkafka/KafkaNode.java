package io.github.wasmton.devkafka;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Properties;

import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.MetadataVersion;

import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;

/** One node of an {@link EmbeddedKafka}: a broker and a controller. */
final class KafkaNode {
    /** Name of the controllers' listener. */
    static final String CONTROLLER = "CONTROLLER";

    private final int id;
    private final Properties settings;
    private KafkaRaftServer server;

    /** Prepares a node. The settings lack only those that follow from its number and its directory. */
    KafkaNode(int id, Path directory, String clusterId, Properties settings) {
        this.id = id;
        this.settings = settings;
        settings.put("node.id", Integer.toString(id));
        settings.put("log.dirs", directory.toString());
        format(directory, clusterId);
    }

    private void format(Path directory, String clusterId) {
        Formatter formatter = new Formatter();
        formatter.setPrintStream(new PrintStream(OutputStream.nullOutputStream()));
        formatter.setClusterId(clusterId);
        formatter.setNodeId(id);
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

    /** Starts the node, and returns once it is ready. In a cluster, that needs the majority of the nodes. */
    void start() {
        server = new KafkaRaftServer(KafkaConfig.fromProps(settings, false), Time.SYSTEM);
        server.startup();
    }

    /** Stops the node and keeps its data. Does nothing if it never started. */
    void stop() {
        if (server == null) {
            return;  // the caller gets the exception of the start
        }
        server.shutdown();
        server.awaitShutdown();
    }
}
