package io.github.wasmton.internal.engine.streams;

import java.time.Duration;
import java.util.Properties;

import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.streams.CloseOptions;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;

import io.github.wasmton.internal.engine.EngineConfig;

/**
 * Runs on Kafka Streams: partitions are spread over the threads, and each partition's records are processed one after
 * the other. It has no stores, no topics of its own, and nothing on disk. {@link TopologyEngine} has them.
 */
public final class StreamsEngine extends BaseStreamsEngine {
    /**
     * Poll interval that Streams believes in: it polls when half of it has passed, even if there are tasks left. The
     * consumers have the real one ({@link ClientSupplier}). With that, Streams would work for minutes before it takes
     * part in a rebalance, and Kafka accepts no commit before the rebalance has ended.
     */
    private static final String POLL_INTERVAL_MILLIS = "200";
    private static final int LOOK_MILLIS = 10;

    private final EngineConfig config;
    private final ClientSupplier clients;

    public StreamsEngine(EngineConfig config) {
        super(config);
        this.config = config;
        clients = new ClientSupplier(config);
    }

    @Override
    KafkaStreams create(Topology topology, Properties settings) {
        topology.addProcessor(GUEST, () -> new PartitionTask(this, config.topic()), SOURCE);
        settings.put(StreamsConfig.consumerPrefix(ConsumerConfig.MAX_POLL_INTERVAL_MS_CONFIG), POLL_INTERVAL_MILLIS);
        return new KafkaStreams(topology, settings, clients);
    }

    @Override
    public boolean ready() {
        return super.ready() && clients.sharesComplete();
    }

    @Override
    public boolean close(Duration limit) {
        if (!beginClose()) {
            return true;
        }
        long end = System.nanoTime() + limit.toNanos();
        awaitCommits(end - limit.toNanos() / 2);
        startNoMore();
        return streams().close(CloseOptions.timeout(Duration.ofNanos(Math.max(0, end - System.nanoTime()))));
    }

    /**
     * Starts no more tasks, and waits until all threads have committed. Streams itself commits only once when it is
     * closed, and Kafka rejects that during a rebalance.
     */
    private void awaitCommits(long end) {
        streams().pause();
        clients.end();
        try {
            while (streams().state().isRunningOrRebalancing() && !stopping() && !clients.committed()
                    && System.nanoTime() - end < 0) {
                Thread.sleep(LOOK_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
