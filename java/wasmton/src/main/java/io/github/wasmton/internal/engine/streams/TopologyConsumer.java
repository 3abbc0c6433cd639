package io.github.wasmton.internal.engine.streams;

import java.util.HashMap;
import java.util.Map;
import java.util.function.BooleanSupplier;

import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/**
 * The consumer of one thread of {@link TopologyEngine}. To Streams a record is consumed when its processor returns;
 * this commits none that was handed out after a stop.
 */
class TopologyConsumer extends LeavingConsumer {
    private final Map<TopicPartition, Long> unprocessed;

    /**
     * Creates the consumer of a thread.
     *
     * @param unprocessed the first record of each partition that was handed out in vain; a view, which grows
     * @param ending      true if the engine is being closed
     */
    TopologyConsumer(Map<String, Object> settings, Map<TopicPartition, Long> unprocessed, BooleanSupplier ending) {
        super(settings, ending);
        this.unprocessed = unprocessed;
    }

    @Override
    public void commitSync(Map<TopicPartition, OffsetAndMetadata> offsets) {
        Map<TopicPartition, OffsetAndMetadata> processed = new HashMap<>(offsets);
        // Without Streams' own metadata, the time of the partition: that of records which were not processed.
        unprocessed.forEach((place, first) -> processed.computeIfPresent(place,
                (same, next) -> next.offset() > first ? new OffsetAndMetadata(first) : next));
        super.commitSync(processed);
    }
}
