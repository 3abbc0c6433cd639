package io.github.wasmton.internal.engine.streams;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

import io.github.wasmton.internal.engine.BatchConfig;

/**
 * Records that a consumer has read and Streams does not have, until they fill a batch or one of them has lingered. Only
 * the stream thread uses it.
 */
final class HeldRecords {
    /** Most batches that Streams gets at once: if keys repeat, more records to choose from make fuller batches. */
    private static final int BATCHES = 4;

    private final int size;
    private final long linger;
    private final Deque<Held> held = new ArrayDeque<>();
    /** Next offset to read, of each partition until Streams has got it. */
    private final Map<TopicPartition, OffsetAndMetadata> next = new HashMap<>();

    private record Held(ConsumerRecord<byte[], byte[]> record, TopicPartition place, long since) {}

    HeldRecords(BatchConfig config) {
        size = config.size();
        linger = config.linger().toNanos();
    }

    /** Adds the result of a poll. */
    void add(ConsumerRecords<byte[], byte[]> records) {
        long now = System.nanoTime();
        records.forEach(record ->
                held.add(new Held(record, new TopicPartition(record.topic(), record.partition()), now)));
        next.putAll(records.nextOffsets());
    }

    /** Drops the records of partitions that move to another member, or whose position was changed. */
    void forget(Collection<TopicPartition> partitions) {
        held.removeIf(each -> partitions.contains(each.place));
        next.keySet().removeAll(partitions);
    }

    /**
     * Returns how many records make batches: full ones, or one in which a record has lingered.
     *
     * @param paused partitions of which Streams wants no records
     */
    int ready(Set<TopicPartition> paused) {
        int count = 0;
        boolean lingered = false;
        long now = System.nanoTime();
        for (Held each : held) {
            if (!paused.contains(each.place)) {
                count++;
                lingered = lingered || now - each.since >= linger;
            }
        }
        return count >= size ? Math.min(count / size, BATCHES) * size : lingered ? count : 0;
    }

    /** Returns how long to wait for further records, at most {@code most}. */
    Duration untilLingered(Duration most) {
        long left = held.isEmpty() ? Long.MAX_VALUE : linger - (System.nanoTime() - held.peek().since);
        return left >= most.toNanos() ? most : Duration.ofNanos(Math.max(0, left));
    }

    /**
     * Takes records for Streams, the oldest ones.
     *
     * @param paused partitions of which Streams wants no records
     */
    ConsumerRecords<byte[], byte[]> take(int count, Set<TopicPartition> paused) {
        Map<TopicPartition, List<ConsumerRecord<byte[], byte[]>>> taken = new HashMap<>();
        Map<TopicPartition, OffsetAndMetadata> behind = new HashMap<>();
        Iterator<Held> all = held.iterator();
        for (int left = count; left > 0 && all.hasNext(); ) {
            Held each = all.next();
            if (!paused.contains(each.place)) {
                all.remove();
                left--;
                taken.computeIfAbsent(each.place, place -> new ArrayList<>()).add(each.record);
                behind.put(each.place, new OffsetAndMetadata(each.record.offset() + 1, each.record.leaderEpoch(), ""));
            }
        }
        // If markers of transactions follow the last record, the next offset to read is not the one after the record's.
        next.entrySet().removeIf(entry -> {
            boolean none = first(entry.getKey()) == null;
            if (none) {
                behind.put(entry.getKey(), entry.getValue());
            }
            return none;
        });
        return new ConsumerRecords<>(taken, behind);
    }

    /** Returns the offset of the first record of a partition; {@code null} if none is held. */
    Long first(TopicPartition partition) {
        for (Held each : held) {
            if (each.place.equals(partition)) {
                return each.record.offset();
            }
        }
        return null;
    }
}
