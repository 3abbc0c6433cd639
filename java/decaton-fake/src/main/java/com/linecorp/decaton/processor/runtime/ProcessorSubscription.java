package com.linecorp.decaton.processor.runtime;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;

import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decaton's behaviour as far as Wasmton uses it, for tests where Decaton does not resolve. It was written
 * independently, from Decaton's documentation and from measurements of Decaton 9.5.0. It polls a real Kafka, passes
 * each key's records to one thread, and commits exactly what Decaton would, even where that loses a record: after a
 * processor or an extractor that throws, and for a value of {@code null}. Never packaged, never run in place of
 * Decaton. It lacks shaping topics, quotas, rate limits, most metrics, virtual threads, and the reload of properties.
 *
 * <p>This is the polling thread. An exception on it ends it, and its consumer stays in the group.
 */
@SuppressWarnings("try")  // as Decaton has it
public class ProcessorSubscription extends Thread implements AsyncClosable {
    private static final Logger log = LoggerFactory.getLogger(ProcessorSubscription.class);
    private static final Duration POLL = Duration.ofMillis(100);

    private final SubscriptionBuilder builder;
    private final KafkaConsumer<byte[], byte[]> consumer;
    /** The retry topic; null if retries are not enabled. */
    private final RetryFake retry;
    private final Map<TopicPartition, PartitionFake<?>> partitions = new HashMap<>();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private volatile boolean terminated;
    private volatile boolean cleanedUp;
    private long nextCommit;
    /** True while an asynchronous commit is in progress: until it ends, there is no other. */
    private boolean committing;

    ProcessorSubscription(SubscriptionBuilder builder) {
        super("DecatonSubscriptionThread-" + builder.subscriptionId);
        this.builder = builder;
        Properties config = new Properties();
        // Only String values are copied.
        builder.consumerConfig.stringPropertyNames()
                .forEach(name -> config.setProperty(name, builder.consumerConfig.getProperty(name)));
        config.setProperty(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
        config.putIfAbsent(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, "100");
        retry = builder.retryConfig == null ? null
                : new RetryFake(builder.retryConfig, builder.processorsBuilder.topic, config);
        consumer = new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    @Override
    public void run() {
        try {
            builder.stateListener.onChange(SubscriptionStateListener.State.INITIALIZING);
            consumer.subscribe(retry == null ? List.of(builder.processorsBuilder.topic)
                    : List.of(builder.processorsBuilder.topic, retry.topic), new Rebalance());
            while (!terminated) {
                consumer.poll(POLL).forEach(this::handOver);
                pauseWhatIsFull();
                if (System.nanoTime() - nextCommit > 0) {
                    commitAsync();
                    nextCommit = System.nanoTime()
                            + builder.property(ProcessorProperties.CONFIG_COMMIT_INTERVAL_MS).value() * 1_000_000;
                }
            }
            builder.stateListener.onChange(SubscriptionStateListener.State.SHUTTING_DOWN);
            drain(builder.property(ProcessorProperties.CONFIG_SHUTDOWN_TIMEOUT_MS).value());
        } catch (RuntimeException e) {
            log.error("The subscription {} got an exception", builder.subscriptionId, e);
            builder.stateListener.onChange(SubscriptionStateListener.State.SHUTTING_DOWN);
        } finally {
            partitions.values().forEach(PartitionFake::close);
            commitSync();
            partitions.clear();
            builder.processorsBuilder.chain.forEach(ScopedProcessors::leaveSubscription);
            ended.complete(null);
        }
    }

    private void handOver(ConsumerRecord<byte[], byte[]> record) {
        TopicPartition partition = new TopicPartition(record.topic(), record.partition());
        PartitionFake<?> state = partitions.get(partition);
        if (state != null && state.isBehind(record.offset())) {
            state.close();  // a rebalance led back to what is committed: all begins anew
            partitions.remove(partition);
        }
        partitions.computeIfAbsent(partition,
                made -> new PartitionFake<>(builder, builder.processorsBuilder, retry, made)).handOver(record);
    }

    private void pauseWhatIsFull() {
        int limit = builder.property(ProcessorProperties.CONFIG_MAX_PENDING_RECORDS).value();
        partitions.forEach((partition, state) -> {
            if (consumer.assignment().contains(partition)) {
                if (state.pending() >= limit) {
                    consumer.pause(List.of(partition));
                } else {
                    consumer.resume(List.of(partition));
                }
            }
        });
    }

    /** Returns, for each partition, the offset below which all records are complete, unless it is committed. */
    private Map<TopicPartition, OffsetAndMetadata> readyToCommit() {
        Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
        partitions.forEach((partition, state) -> {
            long offset = state.readyToCommit();
            if (offset >= 0) {
                offsets.put(partition, new OffsetAndMetadata(offset));
            }
        });
        return offsets;
    }

    private void committed(Map<TopicPartition, OffsetAndMetadata> offsets) {
        offsets.forEach((partition, offset) -> {
            PartitionFake<?> state = partitions.get(partition);
            if (state != null) {
                state.committed(offset.offset());
            }
        });
    }

    private void commitAsync() {
        Map<TopicPartition, OffsetAndMetadata> offsets = readyToCommit();
        if (offsets.isEmpty() || committing) {
            return;
        }
        committing = true;
        consumer.commitAsync(offsets, (same, e) -> {
            committing = false;
            if (e == null) {
                committed(offsets);
            } else {
                log.warn("A commit failed, and is tried again: {}", e.toString());
            }
        });
    }

    private void commitSync() {
        Map<TopicPartition, OffsetAndMetadata> offsets = readyToCommit();
        if (offsets.isEmpty()) {
            return;
        }
        try {
            consumer.commitSync(offsets);
            committed(offsets);
        } catch (RuntimeException e) {
            log.warn("A commit failed: {}", e.toString());
        }
    }

    /** Waits that long for pending records, including queued ones. */
    private void drain(long millis) {
        long end = System.nanoTime() + Math.min(millis, Integer.MAX_VALUE) * 1_000_000;
        while (partitions.values().stream().anyMatch(state -> state.pending() > 0) && System.nanoTime() - end < 0) {
            try {
                Thread.sleep(5);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    @Override
    public CompletableFuture<Void> asyncClose() {
        terminated = true;
        if (getState() == Thread.State.NEW) {
            ended.complete(null);
        }
        return ended.whenComplete((nothing, e) -> cleanUp());
    }

    /** Leaves the group, on the polling thread or, if that has ended, on the one that closes. */
    private synchronized void cleanUp() {
        if (!cleanedUp) {
            cleanedUp = true;
            consumer.close();
            if (retry != null) {
                retry.close();
            }
            builder.stateListener.onChange(SubscriptionStateListener.State.TERMINATED);
        }
    }

    private final class Rebalance implements ConsumerRebalanceListener {
        @Override
        public void onPartitionsAssigned(Collection<TopicPartition> assigned) {
            partitions.entrySet().removeIf(entry -> {
                if (consumer.assignment().contains(entry.getKey())) {
                    return false;
                }
                entry.getValue().close();  // joins its threads, while the group waits for nobody else
                return true;
            });
            builder.stateListener.onChange(SubscriptionStateListener.State.RUNNING);
        }

        @Override
        public void onPartitionsRevoked(Collection<TopicPartition> revoked) {
            if (cleanedUp) {
                return;  // the consumer is being closed
            }
            builder.stateListener.onChange(SubscriptionStateListener.State.REBALANCING);
            drain(builder.property(ProcessorProperties.CONFIG_GROUP_REBALANCE_TIMEOUT_MS).value());
            commitSync();
        }
    }
}
