package io.github.wasmton.internal.monitoring;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;

import io.github.wasmton.internal.engine.Engine;
import io.github.wasmton.internal.stats.TaskCounters;
import io.github.wasmton.internal.stats.ThreadState;

/**
 * Whether an engine does its work. It notices a guest that does not come back by looking again and again: then a task
 * need not read the clock.
 */
public final class Health {
    private final Engine engine;
    private final TaskCounters counters;
    private final long limitNanos;
    private final LongSupplier clock;
    private final Map<ThreadState, Seen> seen = new HashMap<>();
    private volatile long longestNanos;

    private record Seen(long stamp, long since) {}

    /**
     * Of that engine, whose tasks are counted there.
     *
     * @param limit how long an attempt may take before something is wrong; more than its deadline
     */
    public Health(Engine engine, TaskCounters counters, Duration limit) {
        this(engine, counters, limit, System::nanoTime);
    }

    Health(Engine engine, TaskCounters counters, Duration limit, LongSupplier clock) {
        this.engine = engine;
        this.counters = counters;
        this.limitNanos = limit.toNanos();
        this.clock = clock;
    }

    /** Looks at what the guests are at. To be called every second or so, by one thread at a time. */
    public synchronized void look() {
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

    /** What is wrong, as a sentence; {@code null} if nothing is. */
    public String trouble() {
        String ended = engine.ended().getNow(null);
        if (ended != null) {
            return "stopped: " + ended;
        }
        long longest = longestNanos;
        return longest <= limitNanos ? null : String.format("stuck: a guest has not come back for %d s; at most %d s "
                + "were expected", longest / 1_000_000_000, limitNanos / 1_000_000_000);
    }

    /** Whether nothing is wrong and the engine has its share of the partitions. */
    public boolean ready() {
        return trouble() == null && engine.ready();
    }
}
