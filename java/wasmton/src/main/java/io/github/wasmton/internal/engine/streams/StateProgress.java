package io.github.wasmton.internal.engine.streams;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.processor.StandbyUpdateListener;
import org.apache.kafka.streams.processor.StateRestoreListener;
import org.apache.kafka.streams.processor.TaskId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import io.github.wasmton.internal.text.Quantity;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;

/** Shows how far Streams is with reading changelogs: for the stores of this process, and for its standby copies. */
final class StateProgress implements StateRestoreListener, StandbyUpdateListener, MeterBinder {
    private static final Logger log = LoggerFactory.getLogger(StateProgress.class);

    private final Tags tags;
    private final Map<TopicPartition, Restore> restores = new ConcurrentHashMap<>();
    /** Offsets that standby copies lack. */
    private final Map<TopicPartition, Long> behind = new ConcurrentHashMap<>();

    /** A restore in progress. */
    private record Restore(long from, long left, long nanos) {}

    StateProgress(Iterable<Tag> tags) {
        this.tags = Tags.of(tags);
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        Gauge.builder("wasmton.state.restoring.records", this, StateProgress::restoring).tags(tags)
                .description("Records of changelogs that this process has to read before it processes tasks")
                .register(registry);
        Gauge.builder("wasmton.state.standby.behind.records", this, StateProgress::behind).tags(tags)
                .description("Records of changelogs that the standby copies of this process lack").register(registry);
    }

    /** Returns the offsets that are left to restore. */
    long restoring() {
        return restores.values().stream().mapToLong(Restore::left).sum();
    }

    /** Returns the offsets that the standby copies lack. */
    long behind() {
        return behind.values().stream().mapToLong(Long::longValue).sum();
    }

    /** Returns the number of standby copies that have begun to read. */
    int standbys() {
        return behind.size();
    }

    @Override
    public void onRestoreStart(TopicPartition partition, String store, long from, long to) {
        restores.put(partition, new Restore(from, to - from, System.nanoTime()));
    }

    @Override
    public void onBatchRestored(TopicPartition partition, String store, long last, long records) {
        restores.computeIfPresent(partition, (same, restore) ->
                new Restore(restore.from, Math.max(0, restore.left - records), restore.nanos));
    }

    @Override
    public void onRestoreEnd(TopicPartition partition, String store, long records) {
        Restore restore = restores.remove(partition);
        if (restore != null && records > 0) {
            log.info("Restored {} from offset {}: {} records in {}", partition, restore.from, records,
                    Quantity.time(Duration.ofMillis((System.nanoTime() - restore.nanos) / 1_000_000)));
        }
    }

    @Override
    public void onRestoreSuspended(TopicPartition partition, String store, long records) {
        restores.remove(partition);
    }

    @Override
    public void onUpdateStart(TopicPartition partition, String store, long from) {
        // How far it is behind is known after the first batch.
    }

    @Override
    public void onBatchLoaded(TopicPartition partition, String store, TaskId task, long last, long records, long end) {
        behind.put(partition, Math.max(0, end - last - 1));
    }

    @Override
    public void onUpdateSuspended(TopicPartition partition, String store, long last, long end, SuspendReason reason) {
        behind.remove(partition);
    }
}
