package io.github.wasmton.internal.engine.streams;

import java.time.Duration;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;

import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.streams.CloseOptions;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.errors.MissingSourceTopicException;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import io.github.wasmton.internal.engine.EndReason;
import io.github.wasmton.internal.engine.Engine;
import io.github.wasmton.internal.engine.EngineConfig;
import io.github.wasmton.internal.engine.TopicDeletedException;

/**
 * Runs on Kafka Streams: partitions are spread over the threads, and each partition's records are processed one after
 * the other. It has no stores, no topics of its own, and nothing on disk. {@link TopologyEngine} has them.
 */
public final class StreamsEngine implements Engine {
    private static final Logger log = LoggerFactory.getLogger(StreamsEngine.class);
    /**
     * Poll interval that Streams believes in: it polls when half of it has passed, even if there are tasks left. The
     * consumers have the real one ({@link ClientSupplier}). With that, Streams would work for minutes before it takes
     * part in a rebalance, and Kafka accepts no commit before the rebalance has ended.
     */
    private static final String POLL_INTERVAL_MILLIS = "200";
    private static final int LOOK_MILLIS = 10;

    private final EngineConfig config;
    private final ClientSupplier clients;
    private final Timestamps timestamps = new Timestamps();
    private final CompletableFuture<String> ended = new CompletableFuture<>();
    private volatile KafkaStreams streams;  // for ready(), which any thread may call
    private volatile boolean closing;
    private volatile boolean stopping;

    public StreamsEngine(EngineConfig config) {
        this.config = config;
        clients = new ClientSupplier(config);
    }

    @Override
    public void start() {
        Topology topology = new Topology();
        topology.addSource(timestamps, "tasks", config.topic());
        topology.addProcessor("guest", () -> new PartitionTask(this, config.topic()), "tasks");

        streams = new KafkaStreams(topology, settings(), clients);
        streams.setUncaughtExceptionHandler(this::threadFailed);
        streams.start();
    }

    private Properties settings() {
        Properties settings = StreamsSettings.of(config);
        settings.put(StreamsConfig.consumerPrefix(ConsumerConfig.MAX_POLL_INTERVAL_MS_CONFIG), POLL_INTERVAL_MILLIS);
        return settings;
    }

    /** Returns the timestamps of records. */
    Timestamps timestamps() {
        return timestamps;
    }

    private StreamThreadExceptionResponse threadFailed(Throwable e) {
        if (e instanceof StoppedException || e.getCause() instanceof StoppedException) {
            return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
        }
        Throwable reason = e instanceof MissingSourceTopicException ? new TopicDeletedException(config.topic()) : e;
        // The first thread reports for all.
        if (ended.complete(EndReason.of("Kafka Streams", config.group(), reason))) {
            log.error("Kafka Streams ended by itself", e);
        }
        return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
    }

    /** Returns whether no further record may be processed. */
    boolean stopping() {
        return stopping;
    }

    /** Stops the engine after a record that was not completed. */
    void stop() {
        stopping = true;
        ended.complete("a task failed");
    }

    @Override
    public CompletableFuture<String> ended() {
        return ended;
    }

    @Override
    public boolean ready() {
        KafkaStreams running = streams;
        return running != null && !closing && !stopping && running.state() == KafkaStreams.State.RUNNING
                && clients.sharesComplete();
    }

    @Override
    public boolean close(Duration limit) {
        closing = true;
        if (streams == null) {
            return true;
        }
        long end = System.nanoTime() + limit.toNanos();
        awaitCommits(end - limit.toNanos() / 2);
        stopping = true;
        return streams.close(CloseOptions.timeout(Duration.ofNanos(Math.max(0, end - System.nanoTime()))));
    }

    /**
     * Starts no more tasks, and waits until all threads have committed. Streams itself commits only once when it is
     * closed, and Kafka rejects that during a rebalance.
     */
    private void awaitCommits(long end) {
        streams.pause();
        clients.end();
        try {
            while (streams.state().isRunningOrRebalancing() && !stopping && !clients.committed()
                    && System.nanoTime() - end < 0) {
                Thread.sleep(LOOK_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
