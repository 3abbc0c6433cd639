package io.github.wasmton.internal.engine.streams;

import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;

import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

import io.github.wasmton.internal.engine.BatchConfig;

/**
 * The consumer of one thread of {@link TopologyEngine} with batches. It holds records back until they make a batch, and
 * gives Streams the next ones when Streams has processed all that it has. So neither a rebalance nor a close comes
 * between the parts of a batch, unless the batch takes too long.
 */
final class BatchingConsumer extends TopologyConsumer {
    private static final ThreadLocal<BatchWindow> WINDOW = new ThreadLocal<>();

    private final HeldRecords held;
    private final BatchWindow window;
    /** Partitions that are paused here, and not by Streams. */
    private final Set<TopicPartition> pausedHere = new HashSet<>();
    private volatile boolean drained;

    /**
     * Creates the consumer of a thread.
     *
     * @param ending true if no batch begins any more, except for records that Streams has
     */
    BatchingConsumer(Map<String, Object> settings, Map<TopicPartition, Long> unprocessed, BatchConfig config,
            BooleanSupplier ending) {
        super(settings, unprocessed, ending);
        held = new HeldRecords(config);
        window = new BatchWindow(config.size());
    }

    /** Returns the window of the calling thread, which must be a stream thread that has polled before. */
    static BatchWindow windowOfThread() {
        return WINDOW.get();
    }

    /** Returns whether Streams has processed all that it got before the end. Any thread. */
    boolean drained() {
        return drained;
    }

    @Override
    public ConsumerRecords<byte[], byte[]> poll(Duration timeout) {
        WINDOW.set(window);
        boolean last = ending();
        boolean next = window.isEmpty() && !last;
        if (!next) {
            held.add(pollPaused(timeout));
        } else if (held.ready(paused()) > 0) {
            held.add(pollPaused(Duration.ZERO));
        } else {
            held.add(super.poll(held.untilLingered(timeout)));
        }
        drained = last && window.isEmpty();
        Set<TopicPartition> paused = paused();
        ConsumerRecords<byte[], byte[]> records = held.take(next ? held.ready(paused) : 0, paused);
        window.open(records);
        return records;
    }

    /** Takes part in rebalances, without reading records. */
    private ConsumerRecords<byte[], byte[]> pollPaused(Duration timeout) {
        pausedHere.addAll(assignment());
        pausedHere.removeAll(paused());
        pause(pausedHere);
        try {
            return super.poll(timeout);
        } finally {
            resume(pausedHere);
            pausedHere.clear();
        }
    }

    @Override
    public void subscribe(Collection<String> topics, ConsumerRebalanceListener listener) {
        super.subscribe(topics, new ConsumerRebalanceListener() {
            @Override
            public void onPartitionsAssigned(Collection<TopicPartition> added) {
                listener.onPartitionsAssigned(added);
            }

            @Override
            public void onPartitionsRevoked(Collection<TopicPartition> revoked) {
                forget(revoked);
                listener.onPartitionsRevoked(revoked);
            }

            @Override
            public void onPartitionsLost(Collection<TopicPartition> lost) {
                forget(lost);
                listener.onPartitionsLost(lost);
            }
        });
    }

    private void forget(Collection<TopicPartition> partitions) {
        pausedHere.removeAll(partitions);
        held.forget(partitions);
        window.forget(partitions);
    }

    @Override
    public void seek(TopicPartition partition, long offset) {
        forget(Set.of(partition));
        super.seek(partition, offset);
    }

    @Override
    public void seek(TopicPartition partition, OffsetAndMetadata offset) {
        forget(Set.of(partition));
        super.seek(partition, offset);
    }

    @Override
    public void seekToBeginning(Collection<TopicPartition> partitions) {
        forget(partitions);
        super.seekToBeginning(partitions);
    }

    @Override
    public void seekToEnd(Collection<TopicPartition> partitions) {
        forget(partitions);
        super.seekToEnd(partitions);
    }

    /** Returns the offset that Streams gets next: it takes a gap after its last record for markers of transactions. */
    @Override
    public long position(TopicPartition partition) {
        Long first = held.first(partition);
        return first == null ? super.position(partition) : first;
    }

    @Override
    public void close(CloseOptions options) {
        drained = true;
        super.close(options);
    }
}
