package io.github.wasmton.internal.engine.streams;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

import io.github.wasmton.internal.engine.BatchConfig;

class HeldRecordsTest {
    private static final Duration LONG = Duration.ofHours(1);
    private static final TopicPartition ZERO = new TopicPartition("t", 0);
    private static final TopicPartition ONE = new TopicPartition("t", 1);

    private final HeldRecords held = new HeldRecords(new BatchConfig(10, LONG));

    /** Returns the result of a poll that read a partition up to an offset. */
    private static ConsumerRecords<byte[], byte[]> polled(TopicPartition place, int from, int count, long next) {
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            records.add(new ConsumerRecord<>(place.topic(), place.partition(), from + i, null, new byte[0]));
        }
        return new ConsumerRecords<>(count == 0 ? Map.of() : Map.of(place, records),
                Map.of(place, new OffsetAndMetadata(next)));
    }

    private static Map<TopicPartition, Long> next(ConsumerRecords<byte[], byte[]> records) {
        Map<TopicPartition, Long> offsets = new HashMap<>();
        records.nextOffsets().forEach((place, next) -> offsets.put(place, next.offset()));
        return offsets;
    }

    @Test
    void wholeBatchesAreReadyAndTheRestLingers() {
        held.add(polled(ZERO, 0, 9, 9));
        assertEquals(0, held.ready(Set.of()));
        held.add(polled(ONE, 0, 16, 16));
        assertEquals(20, held.ready(Set.of()));
        assertEquals(20, held.take(20, Set.of()).count());
        assertEquals(0, held.ready(Set.of()));
        held.add(polled(ONE, 16, 100, 116));
        assertEquals(40, held.ready(Set.of()), "four batches at most");
    }

    @Test
    void recordsThatHaveLingeredAreReady() {
        HeldRecords hasty = new HeldRecords(new BatchConfig(10, Duration.ZERO));
        hasty.add(polled(ZERO, 0, 3, 3));
        assertEquals(3, hasty.ready(Set.of()));
        assertEquals(Duration.ZERO, hasty.untilLingered(Duration.ofMillis(100)));
    }

    @Test
    void waitsNoLongerThanTheFirstRecordLingers() {
        HeldRecords soon = new HeldRecords(new BatchConfig(10, Duration.ofMillis(50)));
        assertEquals(LONG, soon.untilLingered(LONG), "nothing waits");
        soon.add(polled(ZERO, 0, 1, 1));
        assertTrue(soon.untilLingered(LONG).toMillis() <= 50, "as long as the record lingers");
    }

    /** Gives Streams an offset to commit that is never behind a record that it does not have. */
    @Test
    void offsetsGoNoFurtherThanTheRecords() {
        held.add(polled(ZERO, 0, 12, 14));
        held.add(polled(ONE, 0, 0, 7));
        assertEquals(Map.of(ONE, 7L), next(held.take(0, Set.of())), "only markers");
        assertEquals(Map.of(ZERO, 10L), next(held.take(10, Set.of())));
        assertEquals(10L, held.first(ZERO));
        assertEquals(Map.of(ZERO, 14L), next(held.take(2, Set.of())), "the markers behind the last record");
        assertNull(held.first(ZERO));
        assertEquals(Map.of(), next(held.take(0, Set.of())));
    }

    @Test
    void partitionThatStreamsHasPausedStays() {
        held.add(polled(ZERO, 0, 10, 10));
        held.add(polled(ONE, 0, 10, 10));
        assertEquals(10, held.ready(Set.of(ZERO)));
        assertEquals(Set.of(ONE), held.take(10, Set.of(ZERO)).partitions());
        assertEquals(0, held.ready(Set.of(ZERO)));
        assertEquals(10, held.ready(Set.of()));
    }

    @Test
    void partitionThatGoesLeavesNothing() {
        held.add(polled(ZERO, 0, 10, 10));
        held.add(polled(ONE, 0, 10, 10));
        held.forget(List.of(ZERO));
        assertNull(held.first(ZERO));
        ConsumerRecords<byte[], byte[]> rest = held.take(20, Set.of());
        assertEquals(Set.of(ONE), rest.partitions());
        assertEquals(Map.of(ONE, 10L), next(rest));
    }
}
