package io.github.wasmton.internal.author;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
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
    /** Undoes what the current task wrote, the last write first. */
    private final List<Runnable> undo = new ArrayList<>();

    /** Makes empty stores and tables. */
    public MemoryStores(StateAccess access) {
        access.names().forEach(name -> byName.put(name, new TreeMap<>(Arrays::compareUnsigned)));
        stores = List.copyOf(byName.values());
    }

    /** Puts entries into a store that exists. */
    void fill(String store, Collection<Entry> entries) {
        entries.forEach(entry -> byName.get(store).put(entry.key(), entry.value()));
    }

    /** Returns the entries of a store in the order of their keys; none if there is no such store. */
    List<Entry> entries(String store) {
        return byName.getOrDefault(store, new TreeMap<>()).entrySet().stream()
                .map(entry -> new Entry(entry.getKey(), entry.getValue())).toList();
    }

    /** Hands one task to a guest, which uses these stores. */
    public Outcome process(Guest guest, Task task) {
        undo.clear();
        Outcome outcome = guest.process(task, this);
        if (!(outcome instanceof Outcome.Done)) {
            for (int i = undo.size() - 1; i >= 0; i--) {
                undo.get(i).run();
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

    private void remember(int store, byte[] key, byte[] before) {
        TreeMap<byte[], byte[]> entries = stores.get(store);
        undo.add(before == null ? () -> entries.remove(key) : () -> entries.put(key, before));
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
