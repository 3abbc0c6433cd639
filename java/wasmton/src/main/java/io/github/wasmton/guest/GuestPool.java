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
 * Runs many tasks of a component at once without a thread each: a guest that waits, for a connection or a timer, takes
 * memory and nothing else. As many native threads as there are processors run the guests, for all pools together; one
 * Java thread per pool completes what has ended.
 *
 * <p>Each task under way has an instance to itself. Instances are made as they are needed, used again after a success,
 * and dropped after a failure or when they were not needed for a while; so there are never more than tasks at once.
 * The deadline of a task begins when it does.
 *
 * <p>Any thread may use a pool. What depends on its futures runs on the pool's own thread, all of it: it must not
 * block, and must not close the pool.
 */
public final class GuestPool implements AutoCloseable {
    static {
        NativeLibrary.register(GuestPool.class);
    }

    private static final Logger log = LoggerFactory.getLogger(GuestPool.class);

    /** How many ends are taken at a time. */
    private static final int BATCH = 256;
    /** After so long without need an instance is dropped. */
    private static final long IDLE_MILLIS = 10_000;

    private final long handle;
    private final GuestModule module;
    private final int limit;
    private final Slot[] slots;
    private final LongAdder instances = new LongAdder();
    /** Those that run no task; the one on top was used last, and those with an instance lie above those without. */
    private final Deque<Slot> idle = new ArrayDeque<>();
    /** The fewest that were idle since {@link #dropIdle}. */
    private int leastIdle;
    private boolean closing;
    /** Whether a task was abandoned; null until it is known. */
    private Boolean abandoned;

    /** A place for one task. */
    private static final class Slot {
        final int number;
        /** Made with the first task, and again after it was dropped. */
        Guest guest;
        /** Whether the guest has an instance, or had one when its last task ended. */
        boolean live;
        Task task;
        CompletableFuture<Outcome> outcome;

        Slot(int number) {
            this.number = number;
        }
    }

    /**
     * A pool for so many tasks at once. Makes no instance yet. The module, which must be a component, is to be closed
     * after the pool.
     *
     * @throws InvalidGuestException if the module is a core module: one of those occupies a thread as long as it waits
     */
    public GuestPool(GuestModule module, int limit) {
        if (limit < 1) {
            throw new IllegalArgumentException("a pool runs one task at least: " + limit);
        }
        if (!module.component()) {
            throw new InvalidGuestException(module.path() + " is a core module, which occupies a thread while it waits."
                    + " Many tasks at once need a component: build it for wasm32-wasip2 (docs/in-flight.md says more).",
                    null);
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

    /** The most tasks at once. */
    public int limit() {
        return limit;
    }

    /** How many tasks are under way. */
    public synchronized int inFlight() {
        return limit - idle.size();
    }

    /** How many instances have been made so far, or tried to be: with whose start a task failed count as well. */
    public long instances() {
        return instances.sum();
    }

    /**
     * Starts a task and returns at once. Whatever the guest does becomes an outcome, as with {@link Guest#process};
     * only where the pool is closed and did not wait for the task, the future ends with a
     * {@link CancellationException}.
     *
     * @throws IllegalStateException if the pool is closed, or as many tasks as it runs at once are under way
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
            throw new IllegalStateException("as many tasks as the pool runs at once are under way: " + limit);
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
            slot.guest = new Guest(createGuest(handleOf(module)), module.options(), true);
        }
        begin(handle, slot.number, handleOf(slot.guest), PackedRecord.of(task));
        if (!slot.live) {
            slot.live = true;
            instances.increment();
        }
    }

    /** What the pool's thread does. */
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
            log.error("What depends on a task of the pool failed", e);
        }
    }

    /** Drops the instances that were not needed since the last time. */
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
     * Takes no more tasks, waits for those under way as long as that, and abandons the rest: their instances are
     * dropped with everything they had open, and their futures end with a {@link CancellationException}. Closing again
     * does nothing.
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
     * Waits for tasks that have ended. Fills in their slots and results, which {@link Guest#complete} takes, in turn.
     *
     * @return their number
     */
    private static native int takeEnded(long pool, long[] ended, long millis);

    /** Lets one {@link #takeEnded} return. */
    private static native void wake(long pool);

    private static native void destroy(long pool);
}
