package io.github.wasmton.internal.engine.streams;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.streams.processor.TimestampExtractor;

/** Timestamps of records for Streams, which ends at a negative one. Any thread may use it. */
final class Timestamps implements TimestampExtractor {
    /** Records without a timestamp that Streams has taken, and not yet given to their processor. */
    private final Set<Place> untimed = ConcurrentHashMap.newKeySet();

    private record Place(int partition, long offset) {}

    @Override
    public long extract(ConsumerRecord<Object, Object> record, long partitionTime) {
        if (record.timestamp() >= 0) {
            return record.timestamp();
        }
        untimed.add(new Place(record.partition(), record.offset()));
        return 0;
    }

    /** Returns the timestamp of a record before {@link #extract} changed it. */
    long of(int partition, long offset, long given) {
        return given == 0 && untimed.remove(new Place(partition, offset)) ? -1 : given;
    }
}
