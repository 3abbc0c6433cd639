package io.github.wasmton.internal.engine.consumer;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;

/** Which records of a partition are open, and so up to where its offset may be committed. Any thread may use it. */
final class OpenOffsets {
    /** In their order; complete ones only behind the first that is not. */
    private final Deque<Long> taken = new ArrayDeque<>();
    private final Set<Long> complete = new HashSet<>();
    private long next = -1;

    /** Offsets are opened in their order; not all of them need exist. */
    synchronized void open(long offset) {
        taken.add(offset);
        next = offset + 1;
    }

    /** Takes note of the offset behind all that was read, records or not. */
    synchronized void readUpTo(long offset) {
        next = offset;
    }

    synchronized void complete(long offset) {
        complete.add(offset);
        while (!taken.isEmpty() && complete.remove(taken.peek())) {
            taken.poll();
        }
    }

    /** The lowest offset that is open, or the one behind the last where none is; -1 before the first record. */
    synchronized long committable() {
        return taken.isEmpty() ? next : taken.peek();
    }
}
