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
 * @param files         files and directories, and of a component their streams, that are open at the same time
 * @param stack         bytes of the native stack; a guest that recurses further traps. A guest runs on the stack of
 *                      the thread that brings the task; if that has less room, the guest gets 512 or 256 KiB.
 *                      {@link #threadStack} is enough. In a {@link GuestPool} each instance has a stack of its own.
 * @param hostMemory    bytes that it makes the host hold for it: header tables, requests, bodies, handles, lines for
 *                      the log, produced records
 * @param fileSize      bytes that a file may have after it wrote to it; {@link #UNLIMITED} for any number
 * @param written       bytes that all instances of the module together may write to files; a new file, directory or
 *                      link counts as 4 KiB, and what is deleted is not given back. {@link #UNLIMITED} for any number
 */
public record GuestLimits(long memory, long tableElements, int instances, int tables, int memories, int files,
                          long stack, long hostMemory, long fileSize, long written) {
    /** The value of {@link #fileSize} and {@link #written} where there is no limit. */
    public static final long UNLIMITED = Long.MAX_VALUE;
    private static final long PAGE = 64 * 1024;
    private static final long MOST_STACK = 1 << 30;
    /** Stack of Java frames below a guest, of host functions on top of it, and of HotSpot's guard pages. */
    private static final long JAVA_STACK = 1 << 20;

    /**
     * 128 MiB of memory, a million table elements, 1,000 instances, 1,000 tables, 100 memories, 256 files, 1 MiB of
     * stack, 32 MiB of the host's memory; no limits on what it writes to files.
     */
    public static final GuestLimits DEFAULT = new GuestLimits(128 << 20, 1_000_000, 1_000, 1_000, 100, 256, 1 << 20,
            32 << 20, UNLIMITED, UNLIMITED);

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
        if (hostMemory < PAGE) {
            throw new IllegalArgumentException("a guest needs at least " + PAGE + " bytes of the host's memory, not "
                    + hostMemory + " (GuestLimits.hostMemory)");
        }
        if (fileSize < 0 || written < 0) {
            throw new IllegalArgumentException("a guest cannot write a negative number of bytes to files "
                    + "(GuestLimits.fileSize, GuestLimits.written)");
        }
        if (stack < PAGE || stack > MOST_STACK) {
            throw new IllegalArgumentException("the stack of a guest is from 64KiB to 1GiB, not " + stack + " bytes "
                    + "(GuestLimits.stack)");
        }
    }

    /** Returns these limits with another one for memory, in bytes. */
    public GuestLimits withMemory(long newMemory) {
        return new GuestLimits(newMemory, tableElements, instances, tables, memories, files, stack, hostMemory,
                fileSize, written);
    }

    /** Returns these limits with another one for table elements. */
    public GuestLimits withTableElements(long newTableElements) {
        return new GuestLimits(memory, newTableElements, instances, tables, memories, files, stack, hostMemory,
                fileSize, written);
    }

    /** Returns the same limits with another number of open files. */
    public GuestLimits withFiles(int newFiles) {
        return new GuestLimits(memory, tableElements, instances, tables, memories, newFiles, stack, hostMemory,
                fileSize, written);
    }

    /** Returns the same limits with another stack, in bytes. */
    public GuestLimits withStack(long newStack) {
        return new GuestLimits(memory, tableElements, instances, tables, memories, files, newStack, hostMemory,
                fileSize, written);
    }

    /** Returns the same limits with another one for the host's memory, in bytes. */
    public GuestLimits withHostMemory(long newHostMemory) {
        return new GuestLimits(memory, tableElements, instances, tables, memories, files, stack, newHostMemory,
                fileSize, written);
    }

    /** Returns the same limits with another one for the size of a file that it writes, in bytes. */
    public GuestLimits withFileSize(long newFileSize) {
        return new GuestLimits(memory, tableElements, instances, tables, memories, files, stack, hostMemory,
                newFileSize, written);
    }

    /** Returns the same limits with another one for what all instances together write to files, in bytes. */
    public GuestLimits withWritten(long newWritten) {
        return new GuestLimits(memory, tableElements, instances, tables, memories, files, stack, hostMemory,
                fileSize, newWritten);
    }

    /**
     * Returns the stack size of a thread that can give a guest all of its {@link #stack}, for
     * {@link Thread#Thread(ThreadGroup, Runnable, String, long)}.
     */
    public long threadStack() {
        return stack + JAVA_STACK;
    }
}
