package io.github.wasmton.internal.author;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import io.github.wasmton.guest.Guest;
import io.github.wasmton.guest.Outcome;
import io.github.wasmton.guest.StateAccess;
import io.github.wasmton.guest.StateStores;
import io.github.wasmton.guest.Task;

/**
 * The stores of a guest on trial, in memory. What a task writes is kept if it is done, and dropped otherwise. One
 * thread uses them.
 */
public final class MemoryStores implements StateStores {
    private final Map<String, TreeMap<byte[], byte[]>> byName = new LinkedHashMap<>();
    private final List<TreeMap<byte[], byte[]>> stores;
    /** The keys of each store that the current task wrote, with their values before it; {@code null} for none. */
    private final List<TreeMap<byte[], byte[]>> before = new ArrayList<>();

    /**
     * A change that a task made.
     *
     * @param value the new value; {@code null} if the key was deleted
     */
    public record Change(String store, byte[] key, byte[] value) {}

    /** Makes empty stores and tables. */
    public MemoryStores(StateAccess access) {
        access.names().forEach(name -> byName.put(name, newEntries()));
        stores = List.copyOf(byName.values());
        stores.forEach(store -> before.add(newEntries()));
    }

    private static TreeMap<byte[], byte[]> newEntries() {
        return new TreeMap<>(Arrays::compareUnsigned);
    }

    /**
     * Puts entries into stores, by the name of the store.
     *
     * @throws IllegalArgumentException if there is no such store; the message names those that there are
     */
    public void fill(Map<String, List<Entry>> entries) {
        entries.forEach((name, added) -> {
            TreeMap<byte[], byte[]> store = byName.get(name);
            if (store == null) {
                throw new IllegalArgumentException("there is no store '" + name + "'. There "
                        + (byName.isEmpty() ? "is none" : "are: " + String.join(", ", byName.keySet()))
                        + ". StateAccess.stores grants one");
            }
            added.forEach(entry -> store.put(entry.key(), entry.value()));
        });
    }

    /** Returns the names of the stores and tables. */
    public List<String> names() {
        return List.copyOf(byName.keySet());
    }

    /** Returns the entries of a store in the order of their keys; none if there is no such store. */
    public List<Entry> entries(String store) {
        return byName.getOrDefault(store, newEntries()).entrySet().stream()
                .map(entry -> new Entry(entry.getKey(), entry.getValue())).toList();
    }

    /** Returns the changes of the last task; none if it failed. */
    List<Change> changes() {
        List<Change> changes = new ArrayList<>();
        List<String> names = names();
        for (int i = 0; i < names.size(); i++) {
            String name = names.get(i);
            TreeMap<byte[], byte[]> store = stores.get(i);
            before.get(i).keySet().forEach(key -> changes.add(new Change(name, key, store.get(key))));
        }
        return changes;
    }

    /** Hands one task to a guest, which uses these stores. */
    public Outcome process(Guest guest, Task task) {
        before.forEach(Map::clear);
        Outcome outcome = guest.process(task, this);
        if (!(outcome instanceof Outcome.Done)) {
            for (int i = 0; i < stores.size(); i++) {
                TreeMap<byte[], byte[]> store = stores.get(i);
                before.get(i).forEach((key, value) -> {
                    if (value == null) {
                        store.remove(key);
                    } else {
                        store.put(key, value);
                    }
                });
                before.get(i).clear();
            }
        }
        return outcome;
    }

    @Override
    public byte[] get(int store, byte[] key) {
        return stores.get(store).get(key);
    }

    @Override
    public void set(int store, byte[] key, byte[] value) {
        remember(store, key, stores.get(store).put(key, value));
    }

    @Override
    public void delete(int store, byte[] key) {
        remember(store, key, stores.get(store).remove(key));
    }

    private void remember(int store, byte[] key, byte[] value) {
        if (!before.get(store).containsKey(key)) {
            before.get(store).put(key, value);
        }
    }

    @Override
    public List<Entry> scan(int store, byte[] from, byte[] to, int limit) {
        TreeMap<byte[], byte[]> entries = stores.get(store);
        if (to != null && Arrays.compareUnsigned(from, to) >= 0) {
            return List.of();
        }
        return (to == null ? entries.tailMap(from) : entries.subMap(from, to)).entrySet().stream().limit(limit)
                .map(entry -> new Entry(entry.getKey(), entry.getValue())).toList();
    }
}
