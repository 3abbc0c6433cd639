package io.github.wasmton.internal.engine.streams;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;

import io.github.wasmton.internal.engine.EngineConfig;
import io.github.wasmton.internal.engine.Share;

/** Creates the clients of {@link StreamsEngine}. */
final class ClientSupplier extends DefaultClients {
    /** Kafka's default of {@code max.poll.interval.ms}. */
    private static final String POLL_INTERVAL_MILLIS = "300000";

    private final EngineConfig config;
    private final List<Share> shares = new CopyOnWriteArrayList<>();
    private final List<Worker> workers = new CopyOnWriteArrayList<>();
    private volatile boolean ending;

    ClientSupplier(EngineConfig config) {
        this.config = config;
    }

    /** Returns whether each thread has its share of the partitions. Any thread. */
    boolean sharesComplete() {
        return shares.stream().allMatch(Share::complete);
    }

    /** Announces that no more tasks are started: each thread commits when it polls next. Any thread. */
    void end() {
        ending = true;
    }

    /** Returns whether each thread has committed its last tasks. Any thread. */
    boolean committed() {
        return workers.stream().allMatch(Worker::committed);
    }

    @Override
    public Consumer<byte[], byte[]> getConsumer(Map<String, Object> settings) {
        Map<String, Object> own = new HashMap<>(settings);
        String pollInterval = config.consumerSettings().get(ConsumerConfig.MAX_POLL_INTERVAL_MS_CONFIG);
        own.put(ConsumerConfig.MAX_POLL_INTERVAL_MS_CONFIG, pollInterval == null ? POLL_INTERVAL_MILLIS : pollInterval);
        Share share = new Share(config);
        shares.add(share);
        return new StreamsConsumer(own, this::worker, share, () -> ending);
    }

    private Worker worker(Consumer<byte[], byte[]> consumer) {
        Worker worker = new Worker(consumer, config.processors());
        workers.add(worker);
        return worker;
    }
}
