package io.github.wasmton.internal.stats;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

import io.github.wasmton.guest.Outcome;

/** Counts what all threads do. Adding costs a few nanoseconds and never waits; reading may be a few tasks behind. */
public final class TaskCounters {
    private final LongAdder done = new LongAdder();
    private final LongAdder deadLettered = new LongAdder();
    private final LongAdder skipped = new LongAdder();
    private final LongAdder stopped = new LongAdder();
    private final LongAdder retried = new LongAdder();
    private final LongAdder instances = new LongAdder();
    private final LongAdder replaced = new LongAdder();
    private final List<LongSupplier> pools = new CopyOnWriteArrayList<>();
    private final Map<Outcome.Kind, LongAdder> failures = new EnumMap<>(Outcome.Kind.class);
    private final DurationHistogram timeInGuest = new DurationHistogram();
    private final DurationHistogram latency = new DurationHistogram();
    private final Set<ThreadState> activities = ConcurrentHashMap.newKeySet();

    public TaskCounters() {
        for (Outcome.Kind kind : Outcome.Kind.values()) {
            failures.put(kind, new LongAdder());
        }
    }

    /** Tasks that the guest processed, at whatever attempt. */
    public long done() {
        return done.sum();
    }

    /** Tasks that ended without having been processed: dead-lettered, skipped, or left for the next start. */
    public long failed() {
        return deadLettered() + skipped() + stopped();
    }

    /** Tasks that are in the dead-letter topic, acknowledged. */
    public long deadLettered() {
        return deadLettered.sum();
    }

    /** Tasks that were given up. */
    public long skipped() {
        return skipped.sum();
    }

    /** Tasks that could go nowhere and stopped everything. */
    public long stopped() {
        return stopped.sum();
    }

    /** Attempts that failed in that way. */
    public long failures(Outcome.Kind kind) {
        return failures.get(kind).sum();
    }

    /** Attempts that were not a task's first. */
    public long retried() {
        return retried.sum();
    }

    /** Instances of the guest that were made. */
    public long instances() {
        return instances.sum() + pools.stream().mapToLong(LongSupplier::getAsLong).sum();
    }

    /** Instances that were dropped because of a failure. */
    public long replaced() {
        return replaced.sum();
    }

    /** Attempts that ended, but for those that were abandoned at the end. */
    public long attempts() {
        return done() + failures.values().stream().mapToLong(LongAdder::sum).sum();
    }

    /**
     * Time that attempts spent in the guest and on the way there and back. Of fast ones only a part is timed, and
     * counts for those that are not.
     */
    public DurationHistogram timeInGuest() {
        return timeInGuest;
    }

    /** Time from a record's timestamp to the end of its task, of those tasks whose attempts are timed. */
    public DurationHistogram latency() {
        return latency;
    }

    /** Tasks that were taken and are not settled. */
    public long inFlight() {
        return activities.stream().filter(activity -> ThreadState.inFlight(activity.stamp())).count();
    }

    /** What each thread is at. A view, which changes as threads come and go. */
    public Set<ThreadState> activities() {
        return Collections.unmodifiableSet(activities);
    }

    /** Everything in one line, for a run that took that long. */
    public String line(Duration elapsed) {
        double seconds = elapsed.toNanos() / 1e9;
        return String.format(Locale.ROOT,
                "%d tasks done, %d failed%s, %.1f tasks/s over %.1f s, %.1f us in the guest per task",
                done(), failed(), ends(), done() / Math.max(seconds, 1e-9), seconds, timeInGuest.meanNanos() / 1e3);
    }

    /** Where those went that failed, unless all were left for the next start. */
    private String ends() {
        List<String> ends = new ArrayList<>();
        if (deadLettered() > 0) {
            ends.add(deadLettered() + " dead-lettered");
        }
        if (skipped() > 0) {
            ends.add(skipped() + " skipped");
        }
        return ends.isEmpty() ? "" : " (" + String.join(", ", ends) + ')';
    }

    public void countDone() {
        done.increment();
    }

    public void countFailure(Outcome.Kind kind) {
        failures.get(kind).increment();
    }

    public void countDeadLettered() {
        deadLettered.increment();
    }

    public void countSkipped() {
        skipped.increment();
    }

    public void countStopped() {
        stopped.increment();
    }

    public void countRetry() {
        retried.increment();
    }

    public void countInstance() {
        instances.increment();
    }

    /** The instances that a pool makes count as well. */
    public void countInstancesOf(LongSupplier pool) {
        pools.add(pool);
    }

    public void countReplaced() {
        replaced.increment();
    }

    /** Of an attempt that stands for so many. */
    public void countTime(long nanos, long attempts) {
        timeInGuest.add(nanos, attempts);
    }

    /** Of a task that stands for so many; nothing where its record has no timestamp. */
    public void countLatency(long timestamp, long tasks) {
        if (timestamp >= 0) {
            // Clocks differ: what is from the future took no time.
            latency.add(TimeUnit.MILLISECONDS.toNanos(Math.max(0, System.currentTimeMillis() - timestamp)), tasks);
        }
    }

    /** For a thread that begins; to be given back by {@link #end}. */
    public ThreadState begin() {
        ThreadState activity = new ThreadState();
        activities.add(activity);
        return activity;
    }

    public void end(ThreadState activity) {
        activities.remove(activity);
    }
}
