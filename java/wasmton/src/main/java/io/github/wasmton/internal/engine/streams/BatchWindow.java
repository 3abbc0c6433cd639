package io.github.wasmton.internal.engine.streams;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.TopicPartition;

import io.github.wasmton.guest.Outcome;
import io.github.wasmton.guest.Task;
import io.github.wasmton.internal.engine.Decision;
import io.github.wasmton.internal.engine.Effects;
import io.github.wasmton.internal.engine.TaskKey;
import io.github.wasmton.internal.engine.TaskProcessor;
import io.github.wasmton.internal.kafka.RecordHeaders;

/**
 * The tasks that Streams has fetched and not brought to their processor yet. It brings one at a time: the first one is
 * attempted in a batch with others of the window, and the outcome of each waits here for its turn. So Streams commits
 * no offset, output or dead letter of a task before its turn. Only the stream thread uses it.
 */
final class BatchWindow {
    private final int size;
    private final Map<Place, Entry> entries = new LinkedHashMap<>();

    private record Place(int partition, long offset) {}

    private static final class Entry {
        final Task task;
        final TaskKey key;
        /** True once a batch had this task. */
        boolean begun;
        /** Outcome of the attempt in that batch; {@code null} if the task begins alone, at its turn. */
        Outcome outcome;

        Entry(Task task) {
            this.task = task;
            key = TaskKey.of(task);
        }
    }

    /** Creates an empty window for batches of that size. */
    BatchWindow(int size) {
        this.size = size;
    }

    /** Adds the records that Streams gets. */
    void open(ConsumerRecords<byte[], byte[]> records) {
        for (ConsumerRecord<byte[], byte[]> record : records) {
            entries.put(new Place(record.partition(), record.offset()), new Entry(new Task(record.topic(),
                    record.partition(), record.offset(), record.timestamp(), record.key(), record.value(),
                    RecordHeaders.of(record.headers()), 1)));
        }
    }

    /** Returns whether Streams has brought all of its records. */
    boolean isEmpty() {
        return entries.isEmpty();
    }

    /** Drops the records of partitions that move to another member, or whose position was changed. */
    void forget(Collection<TopicPartition> partitions) {
        entries.keySet().removeIf(place -> partitions.stream().anyMatch(gone -> gone.partition() == place.partition));
    }

    /** Processes the task that Streams brings. */
    Decision process(Task task, TaskProcessor processor, Effects effects) {
        Entry entry = entries.remove(new Place(task.partition(), task.offset()));
        if (entry == null) {
            return processor.process(task, effects);  // Streams brings a record again if its effects timed out
        }
        if (!entry.begun) {
            attempt(batch(entry), processor);
        }
        return entry.outcome == null ? processor.process(task, effects)
                : processor.process(task, entry.outcome, effects);
    }

    /**
     * Returns a batch that begins with an entry. It has at most one task of a key, and none behind a task of the same
     * key whose turn has not come: that one could fail and be attempted again.
     */
    private List<Entry> batch(Entry first) {
        List<Entry> batch = new ArrayList<>();
        Set<TaskKey> keys = new HashSet<>();
        batch.add(first);
        if (first.key != null) {
            keys.add(first.key);
        }
        for (Entry entry : entries.values()) {
            if (batch.size() == size) {
                break;
            }
            if ((entry.key == null || keys.add(entry.key)) && !entry.begun) {
                batch.add(entry);
            }
        }
        return batch;
    }

    private static void attempt(List<Entry> batch, TaskProcessor processor) {
        List<Outcome> outcomes = processor.attempt(batch.stream().map(entry -> entry.task).toList());
        for (int i = 0; i < outcomes.size(); i++) {
            batch.get(i).begun = true;
            batch.get(i).outcome = outcomes.get(i);
        }
    }
}
