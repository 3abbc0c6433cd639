package io.github.wasmton.internal.engine;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;

import io.micrometer.core.instrument.MeterRegistry;

/**
 * Reads the records of one topic, gives each to a {@link TaskProcessor}, and commits the offsets of those that are
 * complete. Every record is processed at least once, and records with the same key in the order of their offsets. Used
 * once: started, then closed. What a failure is and what follows from it is decided above; an engine only obeys the
 * {@link Decision}.
 */
public interface Engine extends AutoCloseable {
    /**
     * Starts to read and returns at once.
     *
     * @throws org.apache.kafka.common.KafkaException for settings that Kafka's client does not accept
     */
    void start();

    /**
     * Completes when the engine cannot go on by itself, with the reason as one sentence: it was told to
     * {@link Decision#STOP}, or its client died. It still has to be closed then. {@link #close} does not complete it.
     */
    CompletableFuture<String> ended();

    /**
     * Whether it is a member of its group and has its share of the partitions, which may be none. Not before it is
     * started, while the shares are dealt out, nor when it is closed. Any thread, any time.
     */
    boolean ready();

    /**
     * Takes no new records, lets the tasks that are under way end, commits, and leaves the group. Not from an engine
     * thread, nor from what depends on {@link #ended} without another thread between. Closing again does nothing.
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
