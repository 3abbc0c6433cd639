package io.github.wasmton.wasmtime;

/**
 * How much a {@link Store} may take. A plain value; -1 stands for wasmtime's own limit, which is none for sizes and
 * 10,000 for numbers.
 *
 * @param memorySize        bytes in one memory
 * @param tableElements     elements in one table
 * @param instances         instances
 * @param tables            tables of those instances
 * @param memories          memories of those instances
 * @param trapOnGrowFailure whether a guest whose {@code memory.grow} or {@code table.grow} is refused ends with
 *                          {@link ResourceLimitException}, rather than being told -1
 */
public record StoreLimits(long memorySize, long tableElements, long instances, long tables, long memories,
        boolean trapOnGrowFailure) {
    /** wasmtime's own limits; the start for others. */
    public static final StoreLimits DEFAULT = new StoreLimits(-1, -1, -1, -1, -1, false);

    /** The same with another limit for the bytes of a memory. */
    public StoreLimits withMemorySize(long bytes) {
        return new StoreLimits(bytes, tableElements, instances, tables, memories, trapOnGrowFailure);
    }

    /** The same with another limit for the elements of a table. */
    public StoreLimits withTableElements(long elements) {
        return new StoreLimits(memorySize, elements, instances, tables, memories, trapOnGrowFailure);
    }

    /** The same with another limit for the number of instances. */
    public StoreLimits withInstances(long count) {
        return new StoreLimits(memorySize, tableElements, count, tables, memories, trapOnGrowFailure);
    }

    /** The same with another limit for the number of tables. */
    public StoreLimits withTables(long count) {
        return new StoreLimits(memorySize, tableElements, instances, count, memories, trapOnGrowFailure);
    }

    /** The same with another limit for the number of memories. */
    public StoreLimits withMemories(long count) {
        return new StoreLimits(memorySize, tableElements, instances, tables, count, trapOnGrowFailure);
    }

    /** The same, with guests that grow too far ended or not. */
    public StoreLimits withTrapOnGrowFailure(boolean trap) {
        return new StoreLimits(memorySize, tableElements, instances, tables, memories, trap);
    }
}
