package io.github.wasmton.guest;

import static io.github.wasmton.wasmtime.internal.NativeObject.handleOf;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import io.github.wasmton.wasmtime.internal.NativeLibrary;

/**
 * Runs many tasks of a component concurrently without a thread per task: a guest that waits for a connection or a timer
 * occupies memory but no thread. All pools share one native thread per processor to run guests; one Java thread per
 * pool completes the tasks.
 *
 * <p>Each task in flight has its own instance. A pool makes instances on demand, reuses them after a success, and drops
 * them after a failure or when they were idle for a while, so it never has more than tasks in flight. A task's deadline
 * starts with the task.
 *
 * <p>Any thread may use a pool. Actions that depend on its futures all run on the pool's one Java thread: they must not
 * block or close the pool.
 */
public final class GuestPool implements AutoCloseable {
    static {
        NativeLibrary.register(GuestPool.class);
    }

    private static final Logger log = LoggerFactory.getLogger(GuestPool.class);

    /** Largest number of ended tasks to take at a time. */
    private static final int BATCH = 256;
    /** Time after which an idle instance is dropped. */
    private static final long IDLE_MILLIS = 10_000;

    private final long handle;
    private final GuestModule module;
    private final int limit;
    private final Slot[] slots;
    private final LongAdder instances = new LongAdder();
    /** Idle slots, most recently used first; those with an instance come before those without. */
    private final Deque<Slot> idle = new ArrayDeque<>();
    /** Smallest number of idle slots since the last {@link #dropIdle}. */
    private int leastIdle;
    private boolean closing;
    /** True if closing abandoned a task; null before the pool is closed. */
    private Boolean abandoned;

    /** A place for one task. */
    private static final class Slot {
        final int number;
        /** A guest, made with the slot's first task and again after it was dropped. */
        Guest guest;
        /** True if the guest has an instance, or had one when its last task ended. */
        boolean live;
        Task task;
        CompletableFuture<Outcome> outcome;

        Slot(int number) {
            this.number = number;
        }
    }

    /**
     * Creates a pool for up to {@code limit} tasks at once. It makes no instance yet. The module must be a component,
     * and must be closed after the pool.
     *
     * @throws InvalidGuestException    if the module is a core module, which would occupy a thread while it waits
     * @throws IllegalArgumentException if the module's guests have stores, which a pool does not serve
     */
    public GuestPool(GuestModule module, int limit) {
        if (limit < 1) {
            throw new IllegalArgumentException("a pool needs a limit of at least 1, not " + limit);
        }
        if (!module.component()) {
            throw new InvalidGuestException(module.path() + " is a core module, which occupies a thread while it waits."
                    + " Many tasks at once need a component: build it for wasm32-wasip2 (docs/in-flight.md says more).",
                    null);
        }
        if (module.options().state().any()) {
            throw new IllegalArgumentException("a pool has no stores for its guests: GuestOptions.state must be"
                    + " StateAccess.NONE");
        }
        this.handle = create();
        this.module = module;
        this.limit = limit;
        slots = new Slot[limit];
        for (int i = limit - 1; i >= 0; i--) {
            slots[i] = new Slot(i);
            idle.push(slots[i]);
        }
        leastIdle = limit;
        Thread thread = new Thread(this::completeAll, "wasmton-completions");
        thread.setDaemon(true);
        thread.start();
    }

    /** Returns the largest number of tasks at once. */
    public int limit() {
        return limit;
    }

    /** Returns the number of tasks in flight. */
    public synchronized int inFlight() {
        return limit - idle.size();
    }

    /** Returns the number of instances made so far, including those that failed to start with a task. */
    public long instances() {
        return instances.sum();
    }

    /**
     * Starts a task and returns at once. A failure of the guest is an outcome, as in {@link Guest#process}. Only if the
     * pool is closed without waiting for the task does the future end with a {@link CancellationException}.
     *
     * @throws IllegalStateException if the pool is closed, or has no room because {@link #limit} tasks are in flight
     */
    public CompletableFuture<Outcome> process(Task task) {
        CompletableFuture<Outcome> outcome = new CompletableFuture<>();
        Slot slot = take(task, outcome);
        try {
            begin(slot, task);
        } catch (RuntimeException | Error e) {
            giveBack(slot);
            throw e;
        }
        return outcome;
    }

    private synchronized Slot take(Task task, CompletableFuture<Outcome> outcome) {
        if (closing) {
            throw new IllegalStateException("the pool is closed");
        }
        Slot slot = idle.poll();
        if (slot == null) {
            throw new IllegalStateException("the pool already has its largest number of tasks in flight: " + limit);
        }
        leastIdle = Math.min(leastIdle, idle.size());
        slot.task = task;
        slot.outcome = outcome;
        return slot;
    }

    private synchronized void giveBack(Slot slot) {
        slot.task = null;
        slot.outcome = null;
        idle.push(slot);
        notifyAll();  // close() may wait for it
    }

    private void begin(Slot slot, Task task) {
        if (slot.guest == null) {
            slot.guest = Guest.inPool(createGuest(handleOf(module)), module.options(), module.kind());
        }
        begin(handle, slot.number, handleOf(slot.guest), PackedRecord.of(task));
        if (!slot.live) {
            slot.live = true;
            instances.increment();
        }
    }

    /** Runs on the pool's thread: completes the tasks that have ended until the pool is closed. */
    private void completeAll() {
        long[] ended = new long[2 * BATCH];
        long nextDrop = System.nanoTime();
        while (true) {
            int count;
            try {
                count = takeEnded(handle, ended, IDLE_MILLIS);
            } catch (IllegalStateException e) {
                return;  // closed
            }
            for (int i = 0; i < count; i++) {
                complete(slots[(int) ended[2 * i]], ended[2 * i + 1]);
            }
            if (System.nanoTime() - nextDrop >= 0) {
                dropIdle();
                nextDrop = System.nanoTime() + IDLE_MILLIS * 1_000_000;
            }
        }
    }

    private void complete(Slot slot, long result) {
        CompletableFuture<Outcome> future = slot.outcome;
        Outcome outcome;
        try {
            outcome = slot.guest.complete(result, slot.task);
        } catch (IllegalStateException e) {
            future.completeExceptionally(new CancellationException("the pool was closed"));
            return;
        } catch (Throwable e) {
            outcome = new Outcome.Failed(Outcome.Kind.HOST, "the host failed: " + e, "");
        }
        if (outcome instanceof Outcome.Failed failed && failed.kind().endsInstance()) {
            slot.live = false;
        }
        giveBack(slot);
        try {
            future.complete(outcome);
        } catch (Throwable e) {
            log.error("An action on the outcome of a task failed", e);
        }
    }

    /** Drops the instances that were idle since the last call. */
    private synchronized void dropIdle() {
        int needless = Math.min(leastIdle, idle.size());
        leastIdle = idle.size();
        Iterator<Slot> longestIdle = idle.descendingIterator();
        for (; needless > 0; needless--) {
            drop(longestIdle.next());
        }
    }

    private static void drop(Slot slot) {
        if (slot.guest != null) {
            slot.guest.close();
            slot.guest = null;
            slot.live = false;
        }
    }

    /** Closes, within 30 seconds. */
    @Override
    public void close() {
        close(Duration.ofSeconds(30));
    }

    /**
     * Rejects new tasks, waits for those in flight up to the limit, and abandons the rest: their instances are dropped
     * with everything they have open, and their futures end with a {@link CancellationException}. Closing again does
     * nothing.
     *
     * @return whether no task was abandoned
     */
    public boolean close(Duration limit) {
        awaitEnd(limit.toNanos());
        List<CompletableFuture<Outcome>> left = new ArrayList<>();
        synchronized (this) {
            if (abandoned != null) {
                return !abandoned;
            }
            abandoned = inFlight() > 0;
            for (Slot slot : slots) {
                if (slot.outcome != null) {
                    left.add(slot.outcome);
                }
                if (slot.guest != null) {
                    slot.guest.close();  // which ends its task
                }
            }
        }
        wake(handle);
        destroy(handle);
        CancellationException reason = new CancellationException("the pool was closed");
        left.forEach(outcome -> outcome.completeExceptionally(reason));
        return left.isEmpty();
    }

    private synchronized void awaitEnd(long nanos) {
        closing = true;
        long end = System.nanoTime() + nanos;
        try {
            for (long left = nanos; abandoned == null && inFlight() > 0 && left > 0; left = end - System.nanoTime()) {
                TimeUnit.NANOSECONDS.timedWait(this, left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static native long create();

    private static native long createGuest(long module);

    /** Starts a task, which crosses as a {@link PackedRecord}. */
    private static native void begin(long pool, int slot, long guest, byte[] task);

    /**
     * Waits up to {@code millis} for tasks that have ended. Fills in their slots and results in turn;
     * {@link Guest#complete} takes the results.
     *
     * @return their number
     */
    private static native int takeEnded(long pool, long[] ended, long millis);

    /** Makes one {@link #takeEnded} return. */
    private static native void wake(long pool);

    private static native void destroy(long pool);
}
