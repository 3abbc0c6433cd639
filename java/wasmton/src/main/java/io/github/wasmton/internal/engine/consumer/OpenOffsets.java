package io.github.wasmton.internal.engine.consumer;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;

/** The open records of a partition, which determine the offset to commit. Any thread may use it. */
final class OpenOffsets {
    /** Offsets in their order; complete ones only after the first open one. */
    private final Deque<Long> taken = new ArrayDeque<>();
    private final Set<Long> complete = new HashSet<>();
    private long next = -1;

    /** Adds an offset, higher than all before; offsets may be missing. */
    synchronized void open(long offset) {
        taken.add(offset);
        next = offset + 1;
    }

    /** Records the offset after everything that was read, records or not. */
    synchronized void readUpTo(long offset) {
        next = offset;
    }

    synchronized void complete(long offset) {
        complete.add(offset);
        while (!taken.isEmpty() && complete.remove(taken.peek())) {
            taken.poll();
        }
    }

    /** Returns the lowest open offset, or the one after the last if none is open; -1 before the first record. */
    synchronized long committable() {
        return taken.isEmpty() ? next : taken.peek();
    }
}
