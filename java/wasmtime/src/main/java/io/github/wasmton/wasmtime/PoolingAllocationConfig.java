package io.github.wasmton.wasmtime;

import java.util.Map;
import java.util.TreeMap;

/**
 * How much an {@link Engine} sets aside for instances, so that making one takes microseconds; each setter returns this
 * object. Address space for all memories is reserved at once, whether or not they are used. What is beyond is refused:
 * making an instance throws {@link WasmtimeException} then. Not for several threads at once.
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

    /** How many instances there can be at a time; 1,000 by default. */
    public PoolingAllocationConfig totalCoreInstances(int count) {
        return set("total_core_instances", count);
    }

    /** How many memories there can be at a time; 1,000 by default. */
    public PoolingAllocationConfig totalMemories(int count) {
        return set("total_memories", count);
    }

    /** How many tables there can be at a time; 1,000 by default. */
    public PoolingAllocationConfig totalTables(int count) {
        return set("total_tables", count);
    }

    /** How many Stores can have references that are collected at a time; 1,000 by default. */
    public PoolingAllocationConfig totalGcHeaps(int count) {
        return set("total_gc_heaps", count);
    }

    /** The most bytes that a memory can have; 4 GiB by default. */
    public PoolingAllocationConfig maxMemorySize(long bytes) {
        return set("max_memory_size", bytes);
    }

    /** How many memories a module may define; 1 by default. */
    public PoolingAllocationConfig maxMemoriesPerModule(int count) {
        return set("max_memories_per_module", count);
    }

    /** How many tables a module may define; 1 by default. */
    public PoolingAllocationConfig maxTablesPerModule(int count) {
        return set("max_tables_per_module", count);
    }

    /** How many bytes an instance may need besides its memories and tables; 1 MiB by default. */
    public PoolingAllocationConfig maxCoreInstanceSize(long bytes) {
        return set("max_core_instance_size", bytes);
    }

    /** The most elements that a table can have; 20,000 by default. */
    public PoolingAllocationConfig tableElements(long elements) {
        return set("table_elements", elements);
    }

    /** How many places are kept ready for the module that used them last; 100 by default. */
    public PoolingAllocationConfig maxUnusedWarmSlots(int count) {
        return set("max_unused_warm_slots", count);
    }

    /** How many bytes of a memory are cleared rather than given back to the system; none by default. */
    public PoolingAllocationConfig linearMemoryKeepResident(long bytes) {
        return set("linear_memory_keep_resident", bytes);
    }

    /** How many bytes of a table are cleared rather than given back to the system; none by default. */
    public PoolingAllocationConfig tableKeepResident(long bytes) {
        return set("table_keep_resident", bytes);
    }
}
