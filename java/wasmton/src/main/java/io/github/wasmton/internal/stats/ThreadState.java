package io.github.wasmton.internal.stats;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * State of one thread, for others to look at: nothing, a task that is with the guest, or a task that waits for its
 * next attempt or its dead letter. The owner writes, which costs a plain store; anyone reads.
 */
public final class ThreadState {
    private static final VarHandle STAMP;

    static {
        try {
            STAMP = MethodHandles.lookup().findVarHandle(ThreadState.class, "stamp", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private static final long IDLE = 0;
    private static final long IN_GUEST = 1;
    private static final long WAITING = 2;
    private static final long STATES = 4;

    /** The state, and above it a number that grows with each change of it. */
    private long stamp;

    ThreadState() {
    }

    /** Notes that the task goes to the guest. */
    public void guest() {
        become(IN_GUEST);
    }

    /** Notes that the task came back from the guest, and is not settled. */
    public void waiting() {
        become(WAITING);
    }

    /** Notes that the task is settled. */
    public void idle() {
        become(IDLE);
    }

    private void become(long state) {
        STAMP.setOpaque(this, (stamp | (STATES - 1)) + 1 + state);
    }

    /** Returns a number that differs between two looks with a change in between. */
    public long stamp() {
        return (long) STAMP.getOpaque(this);
    }

    /** Returns whether the task is with the guest, by that stamp. */
    public static boolean inGuest(long stamp) {
        return stamp % STATES == IN_GUEST;
    }

    /** Returns whether there is a task, by that stamp. */
    public static boolean inFlight(long stamp) {
        return stamp % STATES != IDLE;
    }
}
