package io.github.wasmton.internal.engine;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;

import io.micrometer.core.instrument.MeterRegistry;

/**
 * Reads the records of one topic, gives each to a {@link TaskProcessor}, and commits the offsets of complete records.
 * Every record is processed at least once, and records with the same key in the order of their offsets. An engine is
 * used once: started, then closed. It does not decide on failures; it only obeys the {@link Decision}.
 */
public interface Engine extends AutoCloseable {
    /**
     * Starts reading and returns at once.
     *
     * @throws org.apache.kafka.common.KafkaException for settings that Kafka's client rejects
     */
    void start();

    /**
     * Returns a future that completes when the engine cannot continue, with the reason as one sentence: a
     * {@link Decision#STOP}, or the death of its client. The engine must still be closed then. {@link #close} does not
     * complete the future.
     */
    CompletableFuture<String> ended();

    /**
     * Returns whether the engine is a member of its group and has its share of the partitions, which may be none. It is
     * false before the start, during a rebalance, and after the close. Any thread may call this at any time.
     */
    boolean ready();

    /**
     * Stops reading, waits for the tasks in progress, commits, and leaves the group. Do not call this on an engine
     * thread, nor in an action on {@link #ended} that runs on one. Closing again does nothing.
     *
     * @return whether all of that was done within the limit
     */
    boolean close(Duration limit);

    /** Adds the engine's own meters to a registry, if it has any. */
    default void bindTo(MeterRegistry registry) {
    }

    /** Closes, within 30 seconds. */
    @Override
    default void close() {
        close(Duration.ofSeconds(30));
    }
}
