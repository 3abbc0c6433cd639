package io.github.wasmton.internal.engine.streams;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.streams.processor.api.ProcessorContext;

import io.github.wasmton.guest.StateStores;
import io.github.wasmton.internal.engine.Effects;
import io.github.wasmton.internal.engine.EngineException;

/**
 * The effects of the task in progress. What it writes lies over the stores: the task sees it, and the stores get it
 * when the task is complete.
 */
final class TaskEffects implements Effects, StateStores {
    private final List<TaskStore> stores;
    /** What was written to each store; {@code null} stands for a deleted key. */
    private final List<NavigableMap<byte[], byte[]>> writes = new ArrayList<>();
    private final List<ProducerRecord<byte[], byte[]>> produced = new ArrayList<>();
    private boolean written;

    TaskEffects(List<TaskStore> stores) {
        this.stores = stores;
        stores.forEach(store -> writes.add(new TreeMap<>(Arrays::compareUnsigned)));
    }

    @Override
    public StateStores state() {
        return stores.isEmpty() ? null : this;
    }

    @Override
    public void produce(ProducerRecord<byte[], byte[]> record) {
        produced.add(record);
    }

    @Override
    public void drop() {
        produced.clear();
        if (written) {
            writes.forEach(Map::clear);
            written = false;
        }
    }

    /** Applies the effects, and has none afterwards. */
    void apply(ProcessorContext<byte[], ProducerRecord<byte[], byte[]>> context) {
        for (ProducerRecord<byte[], byte[]> record : produced) {
            ProducedRecord.forward(record, context);
        }
        if (written) {
            for (int i = 0; i < writes.size(); i++) {
                TaskStore store = stores.get(i);
                writes.get(i).forEach(store::put);
            }
        }
        drop();
    }

    @Override
    public byte[] get(int store, byte[] key) {
        NavigableMap<byte[], byte[]> own = writes.get(store);
        if (written) {
            byte[] value = own.get(key);
            if (value != null || own.containsKey(key)) {
                return value;
            }
        }
        try {
            return stores.get(store).get(key);
        } catch (RuntimeException e) {
            throw new EngineException(e);
        }
    }

    @Override
    public void set(int store, byte[] key, byte[] value) {
        written = true;
        writes.get(store).put(key, value);
    }

    @Override
    public void delete(int store, byte[] key) {
        written = true;
        writes.get(store).put(key, null);
    }

    @Override
    public List<Entry> scan(int store, byte[] from, byte[] to, int limit) {
        if (to != null && Arrays.compareUnsigned(from, to) >= 0) {
            return List.of();
        }
        NavigableMap<byte[], byte[]> own = writes.get(store);
        NavigableMap<byte[], byte[]> over =
                to == null ? own.tailMap(from, true) : own.subMap(from, true, to, false);
        try (TaskStore.Entries under = stores.get(store).range(from, to)) {
            return merged(over, under, limit);
        } catch (RuntimeException e) {
            throw new EngineException(e);
        }
    }

    /** Returns the first entries of two sorted sequences; of two with one key the task's own counts. */
    private static List<Entry> merged(NavigableMap<byte[], byte[]> over, Iterator<Entry> under, int limit) {
        List<Entry> found = new ArrayList<>();
        Iterator<Map.Entry<byte[], byte[]>> own = over.entrySet().iterator();
        Map.Entry<byte[], byte[]> nextOwn = own.hasNext() ? own.next() : null;
        Entry nextStored = under.hasNext() ? under.next() : null;
        while (found.size() < limit && (nextOwn != null || nextStored != null)) {
            int order = nextOwn == null ? 1 : nextStored == null ? -1
                    : Arrays.compareUnsigned(nextOwn.getKey(), nextStored.key());
            if (order > 0) {
                found.add(nextStored);
            } else if (nextOwn.getValue() != null) {
                found.add(new Entry(nextOwn.getKey(), nextOwn.getValue()));
            }
            if (order >= 0) {
                nextStored = under.hasNext() ? under.next() : null;
            }
            if (order <= 0) {
                nextOwn = own.hasNext() ? own.next() : null;
            }
        }
        return found;
    }
}
