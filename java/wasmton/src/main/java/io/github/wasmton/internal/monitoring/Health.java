package io.github.wasmton.internal.monitoring;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;

import io.github.wasmton.internal.engine.Engine;
import io.github.wasmton.internal.stats.TaskCounters;
import io.github.wasmton.internal.stats.ThreadState;
import io.github.wasmton.internal.text.Quantity;

/**
 * The state of a processor, from its start on. It notices a guest that does not come back by looking again and again,
 * so that a task need not read the clock. Any thread may use it.
 */
public final class Health {
    private final LongSupplier clock;
    private final Map<ThreadState, Seen> seen = new HashMap<>();
    private volatile String starting = "starting";
    private volatile Watched watched;
    private volatile long longestNanos;

    private record Seen(long stamp, long since) {}

    private record Watched(Engine engine, TaskCounters counters, long limitNanos) {}

    /** Creates the state of a processor that is starting. */
    public Health() {
        this(System::nanoTime);
    }

    Health(LongSupplier clock) {
        this.clock = clock;
    }

    /** Says what the start is at, such as "compiling the guest". */
    public void starting(String step) {
        starting = step;
    }

    /**
     * Ends the start: from now on the engine tells the state.
     *
     * @param counters counts the engine's tasks
     * @param limit    longest time that an attempt may take; more than its deadline
     */
    public void watch(Engine engine, TaskCounters counters, Duration limit) {
        watched = new Watched(engine, counters, limit.toNanos());
    }

    /** Checks all guests for progress. Call it every second or so, from one thread at a time. */
    public synchronized void look() {
        Watched watched = this.watched;
        if (watched == null) {
            return;
        }
        TaskCounters counters = watched.counters;
        long now = clock.getAsLong();
        seen.keySet().retainAll(counters.threads());
        long longest = 0;
        for (ThreadState thread : counters.threads()) {
            long stamp = thread.stamp();
            Seen before = seen.get(thread);
            if (before == null || before.stamp != stamp) {
                seen.put(thread, new Seen(stamp, now));
            } else if (ThreadState.inGuest(stamp)) {
                longest = Math.max(longest, now - before.since);
            }
        }
        longestNanos = longest;
    }

    /** Returns what is wrong, as a sentence; {@code null} if nothing is. */
    public String trouble() {
        Watched watched = this.watched;
        if (watched == null) {
            return null;
        }
        String ended = watched.engine.ended().getNow(null);
        if (ended != null) {
            return "stopped: " + ended;
        }
        long longest = longestNanos;
        return longest <= watched.limitNanos ? null : "stuck: a guest has not come back for " + seconds(longest)
                + "; at most " + seconds(watched.limitNanos) + " were expected";
    }

    /** Returns the state in a few words, where there is no trouble. */
    public String state() {
        return watched == null ? "starting: " + starting : "up";
    }

    /** Returns why no tasks come yet; {@code null} if nothing is wrong and the engine has its partitions. */
    public String notReady() {
        Watched watched = this.watched;
        if (watched == null) {
            return state();
        }
        String trouble = trouble();
        return trouble != null ? trouble : watched.engine.ready() ? null : "the group's partitions are being assigned";
    }

    private static String seconds(long nanos) {
        return Quantity.time(Duration.ofSeconds(nanos / 1_000_000_000));
    }
}
