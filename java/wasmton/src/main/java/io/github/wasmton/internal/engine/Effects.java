package io.github.wasmton.internal.engine;

import org.apache.kafka.clients.producer.ProducerRecord;

import io.github.wasmton.guest.StateStores;

/**
 * The effects of one task on an engine that commits them with the task's offset: records to produce, and state. They
 * are kept aside, and take effect if the decision on the task is {@link Decision#COMPLETE}. The thread that processes
 * the task uses it.
 */
public interface Effects {
    /** Drops the effects of an attempt that failed. */
    void drop();

    /** Returns the stores as the task sees them, with its own writes; {@code null} if there are none. */
    StateStores state();

    /** Produces a record. */
    void produce(ProducerRecord<byte[], byte[]> record);
}
