package io.github.wasmton.internal.engine.streams;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;

import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.CloseOptions;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;

import io.github.wasmton.guest.Task;
import io.github.wasmton.internal.engine.EngineConfig;
import io.github.wasmton.internal.engine.GuardedProcessor;
import io.github.wasmton.internal.engine.TaskProcessor;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.kafka.KafkaStreamsMetrics;

/**
 * Runs on Kafka Streams with stores, outputs through the topology, and, if wanted, exactly-once. Streams alone commits:
 * the effects of a task belong to its offset. With exactly-once, a task that stops the engine aborts what was not
 * committed.
 */
final class TopologyEngine extends BaseStreamsEngine {
    private static final int LOOK_MILLIS = 10;
    /** Size of the producer's requests (32 MiB): the topic's limit is the one that counts. */
    private static final int LARGEST_RECORD = 32 * 1024 * 1024;

    private final EngineConfig config;
    private final Queue<TaskProcessor> processors = new ConcurrentLinkedQueue<>();
    private final ThreadLocal<TaskProcessor> processor = ThreadLocal.withInitial(this::newProcessor);
    private final StateProgress progress;
    private MeterRegistry registry;
    private KafkaStreamsMetrics metrics;
    /** True if a stop commits the tasks before it, by {@link TopologyConsumer}; else it aborts them. */
    private boolean commitsAtStop;
    /** Consumers of the threads with batches. */
    private final List<BatchingConsumer> batching = new CopyOnWriteArrayList<>();
    private volatile boolean ending;
    /** First record of each partition that was handed out after a stop. */
    private final Map<TopicPartition, Long> unprocessed = new ConcurrentHashMap<>();

    TopologyEngine(EngineConfig config) {
        super(config);
        this.config = config;
        progress = new StateProgress(Tags.of("topic", config.topic(), "group", config.group()));
    }

    @Override
    KafkaStreams create(Topology topology, Properties settings) {
        commitsAtStop = !config.exactlyOnce()
                && !"streams".equalsIgnoreCase(settings.getProperty(StreamsConfig.GROUP_PROTOCOL_CONFIG));
        extend(topology);
        extend(settings);
        KafkaStreams streams = new KafkaStreams(topology, settings, new DefaultClients() {
            @Override
            public Consumer<byte[], byte[]> getConsumer(Map<String, Object> own) {
                return config.batches() == null ? new TopologyConsumer(own, unprocessed, () -> ending) : batching(own);
            }
        });
        streams.setGlobalStateRestoreListener(progress);
        streams.setStandbyUpdateListener(progress);
        if (registry != null) {
            metrics = new KafkaStreamsMetrics(streams);
            metrics.bindTo(registry);
            progress.bindTo(registry);
        }
        return streams;
    }

    private Consumer<byte[], byte[]> batching(Map<String, Object> own) {
        BatchingConsumer consumer = new BatchingConsumer(own, unprocessed, config.batches(), () -> ending);
        batching.add(consumer);
        return consumer;
    }

    @Override
    public void bindTo(MeterRegistry newRegistry) {
        registry = newRegistry;
    }

    private void extend(Topology topology) {
        topology.addProcessor(GUEST, () -> new TopologyTask(this, config), SOURCE);
        config.state().stores().forEach(store -> topology.addStateStore(TaskStore.builder(store), GUEST));
        config.state().tables().forEach(table -> TableStore.add(topology, table));
        ProducedRecord.addSinks(topology, GUEST);
    }

    private void extend(Properties settings) {
        if (config.exactlyOnce()) {
            settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        }
        settings.putIfAbsent(StreamsConfig.producerPrefix(ProducerConfig.MAX_REQUEST_SIZE_CONFIG), LARGEST_RECORD);
        settings.put(StreamsConfig.PRODUCTION_EXCEPTION_HANDLER_CLASS_CONFIG, RefusedRecords.class);
        settings.put(RefusedRecords.ENGINE, this);
    }

    private TaskProcessor newProcessor() {
        TaskProcessor made = new GuardedProcessor(config.processors().get());
        processors.add(made);
        return made;
    }

    /** Returns the processor of this thread, created for its first record. */
    TaskProcessor processor() {
        return processor.get();
    }

    /** Returns the progress of its stores. */
    StateProgress progress() {
        return progress;
    }

    /**
     * Leaves a record for the next start: no further one is processed. Returns if the records before it are to be
     * committed.
     *
     * @throws StoppedException if Streams is to abort what is not committed
     */
    void leave(Task task) {
        if (!commitsAtStop) {
            throw new StoppedException();
        }
        startNoMore();
        unprocessed.putIfAbsent(new TopicPartition(task.topic(), task.partition()), task.offset());
        streams().pause();
    }

    @Override
    public boolean close(Duration limit) {
        if (!beginClose()) {
            return true;
        }
        KafkaStreams streams = streams();
        long end = System.nanoTime() + limit.toNanos();
        finishBatches(end - limit.toNanos() / 2);
        // Otherwise Streams processes all that it has fetched before it looks.
        streams.pause();
        Duration half = Duration.ofNanos(Math.max(0, end - System.nanoTime()) / 2);
        boolean closed = streams.close(options(half));
        if (!closed) {
            startNoMore();  // aborts what Streams has begun to hand out
            closed = streams.close(options(half));
        }
        if (metrics != null) {
            metrics.close();
        }
        for (TaskProcessor each = processors.poll(); each != null; each = processors.poll()) {
            each.close();
        }
        return closed;
    }

    /** Begins no more batches, and waits for the turns of all tasks that were in one: they would come again. */
    private void finishBatches(long end) {
        ending = true;
        try {
            while (streams().state().isRunningOrRebalancing() && !stopping()
                    && !batching.stream().allMatch(BatchingConsumer::drained) && System.nanoTime() - end < 0) {
                Thread.sleep(LOOK_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Returns options that leave the group, or the partitions would wait for its session timeout (45 s). */
    private CloseOptions options(Duration limit) {
        boolean fixedMember = config.consumerSettings().containsKey(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG);
        return CloseOptions.timeout(limit).withGroupMembershipOperation(fixedMember
                ? CloseOptions.GroupMembershipOperation.REMAIN_IN_GROUP
                : CloseOptions.GroupMembershipOperation.LEAVE_GROUP);
    }
}
