package io.github.wasmton.internal.engine.streams;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import io.github.wasmton.internal.engine.GuardedProcessor;
import io.github.wasmton.internal.engine.TaskProcessor;

/** State that the partitions on one stream thread share. Only that thread uses it, except for {@link #committed}. */
final class Worker {
    private static final Logger log = LoggerFactory.getLogger(Worker.class);
    private static final String NOT_COMMITTED = "Tasks that are complete will come again after the restart: {}";
    private static final Duration COMMIT_LIMIT = Duration.ofSeconds(5);

    private final Consumer<byte[], byte[]> consumer;
    private final Supplier<? extends TaskProcessor> processors;
    private final List<PartitionTask> partitions = new ArrayList<>();
    /** Partitions of which a record was read. */
    private final Set<TopicPartition> begun = new HashSet<>();
    private TaskProcessor processor;
    private volatile boolean committed;

    Worker(Consumer<byte[], byte[]> consumer, Supplier<? extends TaskProcessor> processors) {
        this.consumer = consumer;
        this.processors = processors;
    }

    /** Returns the thread's processor, created for the first record. */
    TaskProcessor processor() {
        if (processor == null) {
            processor = new GuardedProcessor(processors.get());
        }
        return processor;
    }

    void add(PartitionTask partition) {
        partitions.add(partition);
    }

    void remove(PartitionTask partition) {
        partitions.remove(partition);
        begun.remove(partition.partition());
    }

    /** Commits behind the markers of transactions that come before the first record. Streams does so only after one. */
    void commitMarkers(ConsumerRecords<byte[], byte[]> records) {
        records.nextOffsets().forEach((place, next) -> {
            if (!records.records(place).isEmpty()) {
                begun.add(place);
            } else if (next.offset() > 0 && !begun.contains(place)) {
                consumer.commitAsync(Map.of(place, new OffsetAndMetadata(next.offset())), null);
            }
        });
    }

    /**
     * Commits the complete records of this thread. Streams no longer does so on a thread that throws, and all records
     * since its last commit would be processed again. They are if this commit fails.
     */
    void commitCompleted() {
        try {
            consumer.commitSync(completed(), COMMIT_LIMIT);
        } catch (KafkaException e) {
            log.warn(NOT_COMMITTED, e.toString());
        }
    }

    /** Commits the complete records of this thread once more; during a rebalance the next call tries again. */
    void commitLast() {
        if (committed) {
            return;
        }
        try {
            consumer.commitSync(completed(), COMMIT_LIMIT);
            committed = true;
        } catch (RebalanceInProgressException e) {
            log.debug("The last commit waits for the end of a rebalance");
        } catch (KafkaException e) {
            log.warn(NOT_COMMITTED, e.toString());
            committed = true;
        }
    }

    /** Returns whether {@link #commitLast} needs no further try. Any thread. */
    boolean committed() {
        return committed;
    }

    private Map<TopicPartition, OffsetAndMetadata> completed() {
        Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
        for (PartitionTask partition : partitions) {
            if (partition.nextOffset() >= 0) {
                offsets.put(partition.partition(), new OffsetAndMetadata(partition.nextOffset()));
            }
        }
        return offsets;
    }

    void close() {
        if (processor != null) {
            processor.close();
        }
    }
}
