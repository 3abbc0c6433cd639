package io.github.wasmton.internal.engine;

import java.time.Duration;
import java.util.function.LongSupplier;

import org.apache.kafka.clients.consumer.ConsumerConfig;

/**
 * Tells whether a member of a group has its share of the partitions. A member with partitions has it. One without can
 * be waiting: where a rebalance goes in steps, the others only learn by it what to give up, and a second one follows.
 * The member hears of that with a heartbeat, so no partitions are a share after two heartbeats without another
 * rebalance. Any thread.
 */
public final class Share {
    /** Kafka's own default. */
    private static final Duration HEARTBEAT = Duration.ofSeconds(3);

    private final long settleNanos;
    private final LongSupplier clock;
    private volatile boolean dealt;
    private volatile boolean empty;
    private volatile long since;

    /** A share that is not dealt yet. */
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

    /** Takes note that a rebalance ended, and left the member that number of partitions. */
    public void dealt(int partitions) {
        empty = partitions == 0;
        since = clock.getAsLong();
        dealt = true;
    }

    /** Takes note that partitions go, or that the member leaves. */
    public void givenUp() {
        dealt = false;
    }

    /** Returns whether the member has its share. */
    public boolean complete() {
        return dealt && (!empty || clock.getAsLong() - since >= settleNanos);
    }
}
