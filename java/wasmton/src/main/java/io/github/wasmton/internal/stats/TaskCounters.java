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
import io.github.wasmton.metrics.TaskStats;

/** Counts the tasks of all threads. Adding costs a few nanoseconds and never waits. */
public final class TaskCounters implements TaskStats {
    private final LongAdder done = new LongAdder();
    private final LongAdder deadLettered = new LongAdder();
    private final LongAdder skipped = new LongAdder();
    private final LongAdder stopped = new LongAdder();
    private final LongAdder retried = new LongAdder();
    private final LongAdder instances = new LongAdder();
    private final LongAdder replaced = new LongAdder();
    private final LongAdder batches = new LongAdder();
    private final LongAdder batchedTasks = new LongAdder();
    private final LongAdder failedBatches = new LongAdder();
    private final List<LongSupplier> pools = new CopyOnWriteArrayList<>();
    private final Map<Outcome.Kind, LongAdder> failures = new EnumMap<>(Outcome.Kind.class);
    private final DurationHistogram timeInGuest = new DurationHistogram();
    private final DurationHistogram latency = new DurationHistogram();
    private final Set<ThreadState> threads = ConcurrentHashMap.newKeySet();

    /** Makes counters that are all 0. */
    public TaskCounters() {
        for (Outcome.Kind kind : Outcome.Kind.values()) {
            failures.put(kind, new LongAdder());
        }
    }

    @Override
    public long done() {
        return done.sum();
    }

    @Override
    public long deadLettered() {
        return deadLettered.sum();
    }

    @Override
    public long skipped() {
        return skipped.sum();
    }

    @Override
    public long stopped() {
        return stopped.sum();
    }

    @Override
    public long failures(Outcome.Kind kind) {
        return failures.get(kind).sum();
    }

    @Override
    public long retried() {
        return retried.sum();
    }

    @Override
    public long instances() {
        return instances.sum() + pools.stream().mapToLong(LongSupplier::getAsLong).sum();
    }

    @Override
    public long replaced() {
        return replaced.sum();
    }

    @Override
    public long batches() {
        return batches.sum();
    }

    @Override
    public long batchedTasks() {
        return batchedTasks.sum();
    }

    @Override
    public long failedBatches() {
        return failedBatches.sum();
    }

    @Override
    public long attempts() {
        return done() + failures.values().stream().mapToLong(LongAdder::sum).sum();
    }

    @Override
    public Durations timeInGuest() {
        return timeInGuest;
    }

    @Override
    public Durations latency() {
        return latency;
    }

    @Override
    public long inFlight() {
        return threads.stream().filter(thread -> ThreadState.inFlight(thread.stamp())).count();
    }

    /** Returns the state of each thread. A view, which changes as threads come and go. */
    public Set<ThreadState> threads() {
        return Collections.unmodifiableSet(threads);
    }

    /** Formats everything as one line, for a run that took that long. */
    public String line(Duration elapsed) {
        double seconds = elapsed.toNanos() / 1e9;
        return String.format(Locale.ROOT,
                "%d tasks done, %d failed%s, %.1f tasks/s over %.1f s, %.1f us in the guest per task",
                done(), failed(), ends(), done() / Math.max(seconds, 1e-9), seconds, timeInGuest.meanNanos() / 1e3);
    }

    /** Formats the ends of failed tasks; empty if all were left for the next start. */
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

    /** Counts a task that the guest processed. */
    public void countDone() {
        done.increment();
    }

    /** Counts that many tasks that the guest processed. */
    public void countDone(long tasks) {
        done.add(tasks);
    }

    /** Counts an attempt that failed. */
    public void countFailure(Outcome.Kind kind) {
        failures.get(kind).increment();
    }

    /** Counts a task that is in the dead-letter topic. */
    public void countDeadLettered() {
        deadLettered.increment();
    }

    /** Counts a task that was given up. */
    public void countSkipped() {
        skipped.increment();
    }

    /** Counts a task that stopped everything. */
    public void countStopped() {
        stopped.increment();
    }

    /** Counts a further attempt at a task. */
    public void countRetry() {
        retried.increment();
    }

    /** Counts an instance that was made. */
    public void countInstance() {
        instances.increment();
    }

    /** Counts a batch that the guest got, of that many tasks. */
    public void countBatch(int tasks) {
        batches.increment();
        batchedTasks.add(tasks);
    }

    /** Counts a batch that failed as a whole. Each of its tasks is then a batch of one. */
    public void countBatchFailure() {
        failedBatches.increment();
    }

    /** Adds the instances of a pool, which counts them itself. */
    public void countInstancesOf(LongSupplier pool) {
        pools.add(pool);
    }

    /** Counts an instance that was dropped because of a failure. */
    public void countReplaced() {
        replaced.increment();
    }

    /** Records one sampled attempt, weighted by {@code attempts}. */
    public void countTime(long nanos, long attempts) {
        timeInGuest.add(nanos, attempts);
    }

    /** Records the latency of one task, weighted by {@code tasks}; nothing if its record has no timestamp. */
    public void countLatency(long timestamp, long tasks) {
        if (timestamp >= 0) {
            // Clocks differ: a record from the future took no time.
            latency.add(TimeUnit.MILLISECONDS.toNanos(Math.max(0, System.currentTimeMillis() - timestamp)), tasks);
        }
    }

    /** Returns the state of a thread that begins, or of a task without a thread. {@link #end} takes it back. */
    public ThreadState begin() {
        ThreadState thread = new ThreadState();
        threads.add(thread);
        return thread;
    }

    /** Removes a state that {@link #begin} returned. */
    public void end(ThreadState thread) {
        threads.remove(thread);
    }
}
