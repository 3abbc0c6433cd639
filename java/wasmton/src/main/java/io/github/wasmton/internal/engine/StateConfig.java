package io.github.wasmton.internal.engine;

import java.time.Duration;
import java.util.List;

/**
 * The stores that an engine keeps for its tasks.
 *
 * @param stores stores that tasks read and write; each partition of the topic has its own part of each
 * @param tables topics whose last value per key tasks can read, of all partitions
 */
public record StateConfig(List<Store> stores, List<String> tables) {
    /** No stores. */
    public static final StateConfig NONE = new StateConfig(List.of(), List.of());

    /**
     * A store.
     *
     * @param name    its name, also in the name of its changelog topic
     * @param ttl     time after which an entry that was not written again is removed; {@code null} for never
     * @param rocksDb whether it lies on disk and not in memory
     */
    public record Store(String name, Duration ttl, boolean rocksDb) {}

    public StateConfig {
        stores = List.copyOf(stores);
        tables = List.copyOf(tables);
    }

    /** Returns whether there is a store or a table. */
    public boolean any() {
        return !stores.isEmpty() || !tables.isEmpty();
    }
}
