package io.github.wasmton.guest;

/**
 * Limits of one instance of a guest. A request for more fails, as on a machine without memory; if the guest fails then,
 * its task fails with {@link Outcome.Kind#MEMORY}, and the reason names the limit, what was in use and what was asked
 * for.
 *
 * @param memory        bytes, of all its linear memories together; at least 64 KiB
 * @param tableElements elements, of all its tables together
 * @param instances     core instances: one for a core module, several for a component
 * @param tables        tables
 * @param memories      linear memories
 * @param files         files and directories that a core module has open at the same time
 */
public record GuestLimits(long memory, long tableElements, int instances, int tables, int memories, int files) {
    private static final long PAGE = 64 * 1024;

    /** 128 MiB of memory, a million table elements, 1,000 instances, 1,000 tables, 100 memories, 256 files. */
    public static final GuestLimits DEFAULT = new GuestLimits(128 << 20, 1_000_000, 1_000, 1_000, 100, 256);

    /**
     * Checks the limits.
     *
     * @throws IllegalArgumentException where no guest could keep within them
     */
    public GuestLimits {
        if (memory < PAGE) {
            throw new IllegalArgumentException("a guest needs at least " + PAGE + " bytes of memory, not " + memory);
        }
        if (tableElements < 0 || tables < 0 || files < 0 || instances < 1 || memories < 1) {
            throw new IllegalArgumentException("a guest needs at least one instance and one memory, and no number of "
                    + "tables, their elements or files is below zero");
        }
    }

    /** Returns these limits with another one for memory, in bytes. */
    public GuestLimits withMemory(long newMemory) {
        return new GuestLimits(newMemory, tableElements, instances, tables, memories, files);
    }

    /** Returns these limits with another one for table elements. */
    public GuestLimits withTableElements(long newTableElements) {
        return new GuestLimits(memory, newTableElements, instances, tables, memories, files);
    }

    /** Returns the same limits with another number of open files. */
    public GuestLimits withFiles(int newFiles) {
        return new GuestLimits(memory, tableElements, instances, tables, memories, newFiles);
    }
}
