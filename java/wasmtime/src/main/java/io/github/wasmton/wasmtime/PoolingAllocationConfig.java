package io.github.wasmton.wasmtime;

import java.util.Map;
import java.util.TreeMap;

/**
 * The resources that an {@link Engine} reserves for instances, so that creating one takes microseconds. Each setter
 * returns this object. Address space for all memories is reserved at once, used or not. Beyond the limits, creating an
 * instance throws {@link WasmtimeException}. Not thread-safe.
 */
public final class PoolingAllocationConfig {
    final Map<String, String> settings = new TreeMap<>();

    private PoolingAllocationConfig set(String name, long value) {
        if (value < 0) {
            throw new IllegalArgumentException(name + " cannot be negative: " + value);
        }
        settings.put("pooling." + name, Long.toString(value));
        return this;
    }

    /** Sets the maximum number of instances at a time. Default: 1,000. */
    public PoolingAllocationConfig totalCoreInstances(int count) {
        return set("total_core_instances", count);
    }

    /** Sets the maximum number of memories at a time. Default: 1,000. */
    public PoolingAllocationConfig totalMemories(int count) {
        return set("total_memories", count);
    }

    /** Sets the maximum number of tables at a time. Default: 1,000. */
    public PoolingAllocationConfig totalTables(int count) {
        return set("total_tables", count);
    }

    /** Sets the maximum number of Stores with garbage-collected references at a time. Default: 1,000. */
    public PoolingAllocationConfig totalGcHeaps(int count) {
        return set("total_gc_heaps", count);
    }

    /** Sets the maximum size of a memory in bytes. Default: 4 GiB. */
    public PoolingAllocationConfig maxMemorySize(long bytes) {
        return set("max_memory_size", bytes);
    }

    /** Sets the maximum number of memories that a module may define. Default: 1. */
    public PoolingAllocationConfig maxMemoriesPerModule(int count) {
        return set("max_memories_per_module", count);
    }

    /** Sets the maximum number of tables that a module may define. Default: 1. */
    public PoolingAllocationConfig maxTablesPerModule(int count) {
        return set("max_tables_per_module", count);
    }

    /** Sets the maximum bytes of an instance, without its memories and tables. Default: 1 MiB. */
    public PoolingAllocationConfig maxCoreInstanceSize(long bytes) {
        return set("max_core_instance_size", bytes);
    }

    /** Sets the maximum number of elements of a table. Default: 20,000. */
    public PoolingAllocationConfig tableElements(long elements) {
        return set("table_elements", elements);
    }

    /** Sets the number of idle slots that stay prepared for the module that used them last. Default: 100. */
    public PoolingAllocationConfig maxUnusedWarmSlots(int count) {
        return set("max_unused_warm_slots", count);
    }

    /** Sets the bytes of a memory that are cleared for reuse instead of returned to the system. Default: 0. */
    public PoolingAllocationConfig linearMemoryKeepResident(long bytes) {
        return set("linear_memory_keep_resident", bytes);
    }

    /** Sets the bytes of a table that are cleared for reuse instead of returned to the system. Default: 0. */
    public PoolingAllocationConfig tableKeepResident(long bytes) {
        return set("table_keep_resident", bytes);
    }
}
