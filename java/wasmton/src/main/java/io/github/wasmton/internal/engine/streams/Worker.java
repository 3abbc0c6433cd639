package io.github.wasmton.internal.engine.streams;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import io.github.wasmton.internal.engine.GuardedProcessor;
import io.github.wasmton.internal.engine.TaskProcessor;

/** State that the partitions on one stream thread share. Only that thread uses it. */
final class Worker {
    private static final Logger log = LoggerFactory.getLogger(Worker.class);
    private static final Duration COMMIT_LIMIT = Duration.ofSeconds(5);

    private final Consumer<byte[], byte[]> consumer;
    private final Supplier<? extends TaskProcessor> processors;
    private final List<PartitionTask> partitions = new ArrayList<>();
    private TaskProcessor processor;

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
    }

    /**
     * Commits the complete records of this thread. Streams no longer does so on a thread that throws, and all records
     * since its last commit would be processed again. They are if this commit fails.
     */
    void commitCompleted() {
        Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
        for (PartitionTask partition : partitions) {
            if (partition.nextOffset() >= 0) {
                offsets.put(partition.partition(), new OffsetAndMetadata(partition.nextOffset()));
            }
        }
        try {
            consumer.commitSync(offsets, COMMIT_LIMIT);
        } catch (KafkaException e) {
            log.warn("Tasks that are complete will come again after the restart: {}", e.toString());
        }
    }

    void close() {
        if (processor != null) {
            processor.close();
        }
    }
}
