package io.github.wasmton.internal.engine;

import java.time.Duration;
import java.util.Collection;
import java.util.function.LongSupplier;

import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.common.TopicPartition;

/**
 * Knows whether a member of a group has its share of the partitions. A member with partitions has it. A member without
 * partitions may still be waiting: in a cooperative rebalance the others learn only now which partitions to give up,
 * and a second rebalance follows. A heartbeat announces it, so no partitions are a share after two heartbeats without
 * another rebalance. Any thread may use it.
 */
public final class Share {
    /** Kafka's default of {@code heartbeat.interval.ms}. */
    private static final Duration HEARTBEAT = Duration.ofSeconds(3);

    private final long settleNanos;
    private final LongSupplier clock;
    private volatile boolean dealt;
    private volatile boolean empty;
    private volatile long since;

    /** Creates a share that is not dealt yet. */
    public Share(EngineConfig config) {
        this(heartbeat(config), System::nanoTime);
    }

    Share(Duration heartbeat, LongSupplier clock) {
        settleNanos = heartbeat.toNanos() * 2;
        this.clock = clock;
    }

    private static Duration heartbeat(EngineConfig config) {
        String given = config.kafka().forConsumer().get(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG);
        return given != null && given.matches("[0-9]{1,9}") ? Duration.ofMillis(Long.parseLong(given)) : HEARTBEAT;
    }

    /** Returns a listener that records the rebalances of a consumer around another listener. */
    public ConsumerRebalanceListener around(ConsumerRebalanceListener listener, Consumer<?, ?> consumer) {
        return new ConsumerRebalanceListener() {
            @Override
            public void onPartitionsAssigned(Collection<TopicPartition> added) {
                listener.onPartitionsAssigned(added);
                dealt(consumer.assignment().size());
            }

            @Override
            public void onPartitionsRevoked(Collection<TopicPartition> revoked) {
                givenUp();
                listener.onPartitionsRevoked(revoked);
            }

            @Override
            public void onPartitionsLost(Collection<TopicPartition> lost) {
                givenUp();
                listener.onPartitionsLost(lost);
            }
        };
    }

    /** Records the end of a rebalance that left the member that number of partitions. */
    void dealt(int partitions) {
        empty = partitions == 0;
        since = clock.getAsLong();
        dealt = true;
    }

    /** Records that partitions go, or that the member leaves. */
    public void givenUp() {
        dealt = false;
    }

    /** Returns whether the member has its share. */
    public boolean complete() {
        return dealt && (!empty || clock.getAsLong() - since >= settleNanos);
    }
}
