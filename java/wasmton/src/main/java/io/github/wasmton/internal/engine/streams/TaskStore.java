package io.github.wasmton.internal.engine.streams;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;

import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

import io.github.wasmton.guest.StateStores.Entry;
import io.github.wasmton.internal.engine.StateConfig;

/**
 * One partition's part of a store of Streams. Entries of a store with a time to live begin with the time of their last
 * write: the stream time of the partition, which only the timestamps of records move, so that what was down for a day
 * does not forget what the records of that day need.
 */
final class TaskStore {
    private final KeyValueStore<Bytes, byte[]> store;
    private final ProcessorContext<?, ?> context;
    /** Time to live in milliseconds; 0 for none. */
    private final long ttl;

    private TaskStore(KeyValueStore<Bytes, byte[]> store, ProcessorContext<?, ?> context, long ttl) {
        this.store = store;
        this.context = context;
        this.ttl = ttl;
    }

    /** Returns how Streams makes a store: with its changelog topic and its record cache. */
    static StoreBuilder<KeyValueStore<Bytes, byte[]>> builder(StateConfig.Store store) {
        return Stores.keyValueStoreBuilder(store.rocksDb() ? Stores.persistentKeyValueStore(store.name())
                : Stores.inMemoryKeyValueStore(store.name()), Serdes.Bytes(), Serdes.ByteArray()).withCachingEnabled();
    }

    /** Returns the stores and tables of a partition, in the order of their numbers. */
    static List<TaskStore> all(StateConfig state, ProcessorContext<?, ?> context) {
        List<TaskStore> stores = new ArrayList<>();
        for (StateConfig.Store each : state.stores()) {
            TaskStore store = new TaskStore(context.getStateStore(each.name()), context,
                    each.ttl() == null ? 0 : each.ttl().toMillis());
            stores.add(store);
            if (each.ttl() != null) {
                context.schedule(sweepInterval(each.ttl()), PunctuationType.STREAM_TIME, time -> store.sweep());
            }
        }
        for (String table : state.tables()) {
            stores.add(new TaskStore(context.getStateStore(table), context, 0));
        }
        return stores;
    }

    /** Returns a tenth of the time to live, between a second and an hour. */
    private static Duration sweepInterval(Duration ttl) {
        return Duration.ofMillis(Math.max(1_000, Math.min(3_600_000, ttl.toMillis() / 10)));
    }

    byte[] get(byte[] key) {
        return value(store.get(Bytes.wrap(key)));
    }

    /** Sets a value; {@code null} deletes the key. */
    void put(byte[] key, byte[] value) {
        store.put(Bytes.wrap(key), ttl == 0 || value == null ? value
                : ByteBuffer.allocate(Long.BYTES + value.length).putLong(context.currentStreamTimeMs()).put(value)
                        .array());
    }

    /** Returns the entries from a key up to another, which is not included; {@code null} for all that follow. */
    Entries range(byte[] from, byte[] to) {
        return new Entries(store.range(Bytes.wrap(from), to == null ? null : Bytes.wrap(to)), to);
    }

    private byte[] value(byte[] stored) {
        if (ttl == 0 || stored == null) {
            return stored;
        }
        return isExpired(stored) ? null : Arrays.copyOfRange(stored, Long.BYTES, stored.length);
    }

    private boolean isExpired(byte[] stored) {
        return ByteBuffer.wrap(stored).getLong() + ttl <= context.currentStreamTimeMs();
    }

    /** Deletes the entries whose time is over, also from the changelog. */
    private void sweep() {
        List<Bytes> expired = new ArrayList<>();
        try (KeyValueIterator<Bytes, byte[]> all = store.all()) {
            all.forEachRemaining(entry -> {
                if (isExpired(entry.value)) {
                    expired.add(entry.key);
                }
            });
        }
        expired.forEach(store::delete);
    }

    /** Entries of a range, to be closed. */
    final class Entries implements Iterator<Entry>, AutoCloseable {
        private final KeyValueIterator<Bytes, byte[]> stored;
        private final byte[] end;
        private Entry next;

        private Entries(KeyValueIterator<Bytes, byte[]> stored, byte[] end) {
            this.stored = stored;
            this.end = end;
            advance();
        }

        private void advance() {
            next = null;
            while (next == null && stored.hasNext()) {
                KeyValue<Bytes, byte[]> entry = stored.next();
                // Streams' ranges include their end.
                if (end != null && Arrays.equals(end, entry.key.get())) {
                    return;
                }
                byte[] value = value(entry.value);
                if (value != null) {
                    next = new Entry(entry.key.get(), value);
                }
            }
        }

        @Override
        public boolean hasNext() {
            return next != null;
        }

        @Override
        public Entry next() {
            Entry found = next;
            if (found == null) {
                throw new NoSuchElementException();
            }
            advance();
            return found;
        }

        @Override
        public void close() {
            stored.close();
        }
    }
}
