package io.github.wasmton.internal.engine.decaton;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Decides which queued tasks may begin around a rebalance. Decaton commits when a rebalance begins, and goes on with
 * its queue; what it completes afterwards is processed again if the partition moves, or is read again from the
 * committed offset. So:
 *
 * <ul>
 * <li>before the commit only tasks in front of one that has started begin, since an offset is committed only with all
 * earlier ones;
 * <li>no task begins between that commit and the new assignment;
 * <li>no queued task of a partition that moved begins at all;
 * <li>a queued task of a partition that stays begins unless its record is read again.
 * </ul>
 *
 * <p>Any thread may use it.
 */
final class RebalanceGate {
    /** Time in which a record is read again, if it is at all: generous, for a busy machine. */
    private static final long READ_AGAIN_NANOS = TimeUnit.SECONDS.toNanos(5);

    /** Number of changes between open (even) and shut (odd): a record read since the last one needs no lock. */
    private volatile int changes;
    /** Partitions of this member; null until they are known. */
    private Set<Integer> assigned;
    /** Lowest offset of each partition that was read since the last rebalance. */
    private final Map<Integer, Long> readSince = new HashMap<>();
    private long opened;
    /** Offset of each partition up to which tasks begin in the shut gate. */
    private Map<Integer, Long> front = Map.of();

    /** Returns the number of the current phase, which each record keeps from when it was read. */
    int phase() {
        return changes;
    }

    /** Lets no more tasks begin. */
    synchronized void shut() {
        if (!isShut()) {
            readSince.clear();
            front = Map.of();
            changes++;
        }
    }

    /** Lets tasks up to these offsets begin in the shut gate, by partition; none of other partitions. */
    synchronized void letBegin(Map<Integer, Long> offsets) {
        front = Map.copyOf(offsets);
        notifyAll();
    }

    /** Lets tasks begin again; does nothing to an open gate. */
    synchronized void open() {
        if (isShut()) {
            opened = System.nanoTime();
            changes++;
            notifyAll();
        }
    }

    /** Returns whether a rebalance is in progress. */
    boolean isShut() {
        return (changes & 1) != 0;
    }

    /** Returns whether a task that was admitted may still begin. */
    synchronized boolean confirms(int partition, long offset) {
        return !isShut() || isInFront(partition, offset);
    }

    private boolean isInFront(int partition, long offset) {
        return offset <= front.getOrDefault(partition, -1L);
    }

    /** Records the new share of this member: queued tasks of other partitions end. */
    synchronized void assign(Set<Integer> partitions) {
        assigned = new HashSet<>(partitions);
        notifyAll();
    }

    /** Returns whether the partition was given to another member. */
    synchronized boolean isGone(int partition) {
        return assigned != null && !assigned.contains(partition);
    }

    /** Records the first record of a partition in a poll. */
    void read(int partition, long offset) {
        synchronized (this) {
            if (readSince.putIfAbsent(partition, offset) == null) {
                notifyAll();
            }
        }
    }

    /**
     * Waits until it is known whether a task may begin, and returns that.
     *
     * @param phase the phase in which its record was read
     */
    boolean admits(int phase, int partition, long offset) {
        return phase == changes || admitsQueued(phase, partition, offset);
    }

    private synchronized boolean admitsQueued(int phase, int partition, long offset) {
        try {
            while (!isGone(partition)) {
                Long again = readSince.get(partition);
                long left = opened + READ_AGAIN_NANOS - System.nanoTime();
                if (phase == changes || isShut() && isInFront(partition, offset)) {
                    return true;
                } else if (isShut()) {
                    wait();
                } else if (again != null) {
                    return again > offset;
                } else if (left <= 0) {
                    return true;
                } else {
                    TimeUnit.NANOSECONDS.timedWait(this, left);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return false;
    }

    /** Waits until the rebalance in progress has ended. Returns whether it did in time. */
    synchronized boolean awaitOpen(long nanos) throws InterruptedException {
        long end = System.nanoTime() + nanos;
        while (isShut()) {
            long left = end - System.nanoTime();
            if (left <= 0) {
                return false;
            }
            TimeUnit.NANOSECONDS.timedWait(this, left);
        }
        return true;
    }
}
