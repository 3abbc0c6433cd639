package io.github.wasmton.wasmtime;

/**
 * The limits of a {@link Store}. A plain value; -1 stands for wasmtime's own limit: none for sizes, 10,000 for counts.
 *
 * @param memorySize        bytes of one memory, and of the heap of wasm's garbage collector
 * @param tableElements     elements of one table
 * @param instances         number of instances
 * @param tables            number of tables of those instances
 * @param memories          number of memories of those instances
 * @param trapOnGrowFailure true if a refused {@code memory.grow} or {@code table.grow} ends the guest with
 *                          {@link ResourceLimitException}; false if it returns -1 to the guest
 */
public record StoreLimits(long memorySize, long tableElements, long instances, long tables, long memories,
        boolean trapOnGrowFailure) {
    /** wasmtime's own limits. */
    public static final StoreLimits DEFAULT = new StoreLimits(-1, -1, -1, -1, -1, false);

    /** Returns a copy with another limit for the bytes of a memory. */
    public StoreLimits withMemorySize(long bytes) {
        return new StoreLimits(bytes, tableElements, instances, tables, memories, trapOnGrowFailure);
    }

    /** Returns a copy with another limit for the elements of a table. */
    public StoreLimits withTableElements(long elements) {
        return new StoreLimits(memorySize, elements, instances, tables, memories, trapOnGrowFailure);
    }

    /** Returns a copy with another limit for the number of instances. */
    public StoreLimits withInstances(long count) {
        return new StoreLimits(memorySize, tableElements, count, tables, memories, trapOnGrowFailure);
    }

    /** Returns a copy with another limit for the number of tables. */
    public StoreLimits withTables(long count) {
        return new StoreLimits(memorySize, tableElements, instances, count, memories, trapOnGrowFailure);
    }

    /** Returns a copy with another limit for the number of memories. */
    public StoreLimits withMemories(long count) {
        return new StoreLimits(memorySize, tableElements, instances, tables, count, trapOnGrowFailure);
    }

    /** Returns a copy that ends guests whose growth is refused, or not. */
    public StoreLimits withTrapOnGrowFailure(boolean trap) {
        return new StoreLimits(memorySize, tableElements, instances, tables, memories, trap);
    }
}
