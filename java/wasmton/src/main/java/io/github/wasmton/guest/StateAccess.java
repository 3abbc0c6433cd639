package io.github.wasmton.guest;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Grant of stores in which a guest of protocol 1 or of the world {@code decaton:processor} keeps bytes by key, and
 * limits on their use by one task. Whoever calls {@link Guest#process(Task, StateStores)} keeps the bytes. A guest that
 * reaches a limit gets an error that it can handle, and the log has a line. A guest of protocol 0 has no way to stores,
 * and does not load with such a grant.
 *
 * @param stores         names of the stores that the guest may read and write
 * @param tables         names of the stores that it may only read
 * @param taskOperations most calls of one task into its stores
 * @param taskBytes      most bytes of keys and values that one task may hand to its stores and get from them
 */
public record StateAccess(List<String> stores, List<String> tables, int taskOperations, long taskBytes) {
    /** Default limit of calls, 10,000. */
    public static final int DEFAULT_TASK_OPERATIONS = 10_000;
    /** Default limit of bytes, 16 MiB. */
    public static final long DEFAULT_TASK_BYTES = 16 * 1024 * 1024;
    /** Most bytes of a key, 64 KiB. */
    public static final int MAX_KEY_BYTES = 64 * 1024;
    /**
     * Most bytes of a key and its value together, 1,000,000: Kafka's producer and topics take 1 MiB by default, with
     * what is around the record.
     */
    public static final int MAX_ENTRY_BYTES = 1_000_000;

    /** No store. */
    public static final StateAccess NONE = of();

    public StateAccess {
        stores = List.copyOf(stores);
        tables = List.copyOf(tables);
        Set<String> names = new HashSet<>();
        Stream.concat(stores.stream(), tables.stream()).forEach(name -> {
            if (name.isEmpty() || !names.add(name)) {
                throw new IllegalArgumentException("each store and table has its own name: not '" + name + "'"
                        + (name.isEmpty() ? "" : " twice") + " (StateAccess.stores, StateAccess.tables)");
            }
        });
        if (taskOperations < 1) {
            throw new IllegalArgumentException("a task may make at least one call into its stores, not "
                    + taskOperations + " (StateAccess.taskOperations)");
        }
        if (taskBytes < 1) {
            throw new IllegalArgumentException("a task may exchange at least one byte with its stores, not "
                    + taskBytes + " (StateAccess.taskBytes)");
        }
    }

    /** Grants these stores, with the default limits. */
    public static StateAccess of(String... stores) {
        return new StateAccess(List.of(stores), List.of(), DEFAULT_TASK_OPERATIONS, DEFAULT_TASK_BYTES);
    }

    /** Returns this grant with other tables. */
    public StateAccess withTables(List<String> newTables) {
        return new StateAccess(stores, newTables, taskOperations, taskBytes);
    }

    /** Returns this grant with another limit of calls. */
    public StateAccess withTaskOperations(int newTaskOperations) {
        return new StateAccess(stores, tables, newTaskOperations, taskBytes);
    }

    /** Returns this grant with another limit of bytes. */
    public StateAccess withTaskBytes(long newTaskBytes) {
        return new StateAccess(stores, tables, taskOperations, newTaskBytes);
    }

    /** Returns whether it grants a store or a table. */
    public boolean any() {
        return !stores.isEmpty() || !tables.isEmpty();
    }

    /**
     * Returns the names by the number that {@link StateStores} gets: first the stores, then the tables.
     */
    public List<String> names() {
        return Stream.concat(stores.stream(), tables.stream()).toList();
    }
}
