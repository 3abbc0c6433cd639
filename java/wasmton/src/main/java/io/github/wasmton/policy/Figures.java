package io.github.wasmton.policy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

import io.github.wasmton.guest.Outcome;

/** Counts what all threads do. Adding costs a few nanoseconds and never waits; reading may be a few tasks behind. */
public final class Figures {
    private final LongAdder done = new LongAdder();
    private final LongAdder deadLettered = new LongAdder();
    private final LongAdder skipped = new LongAdder();
    private final LongAdder stopped = new LongAdder();
    private final LongAdder retried = new LongAdder();
    private final LongAdder instances = new LongAdder();
    private final LongAdder replaced = new LongAdder();
    private final Map<Outcome.Kind, LongAdder> failures = new EnumMap<>(Outcome.Kind.class);
    private final LongAdder timed = new LongAdder();
    private final LongAdder timedNanos = new LongAdder();

    public Figures() {
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
        return instances.sum();
    }

    /** Instances that were dropped because of a failure. */
    public long replaced() {
        return replaced.sum();
    }

    /** Mean time that a task spent in the guest and on the way there and back, in nanoseconds; 0 before any task. */
    public long meanNanosInGuest() {
        long count = timed.sum();
        return count == 0 ? 0 : timedNanos.sum() / count;
    }

    /** Everything in one line, for a run that took that long. */
    public String line(Duration elapsed) {
        double seconds = elapsed.toNanos() / 1e9;
        return String.format(Locale.ROOT,
                "%d tasks done, %d failed%s, %.1f tasks/s over %.1f s, %.1f us in the guest per task",
                done(), failed(), ends(), done() / Math.max(seconds, 1e-9), seconds, meanNanosInGuest() / 1e3);
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

    /** How many tasks the mean is of. */
    long timed() {
        return timed.sum();
    }

    void countDone() {
        done.increment();
    }

    void countFailure(Outcome.Kind kind) {
        failures.get(kind).increment();
    }

    void countDeadLettered() {
        deadLettered.increment();
    }

    void countSkipped() {
        skipped.increment();
    }

    void countStopped() {
        stopped.increment();
    }

    void countRetry() {
        retried.increment();
    }

    void countInstance() {
        instances.increment();
    }

    void countReplaced() {
        replaced.increment();
    }

    void countTime(long nanos) {
        timed.increment();
        timedNanos.add(nanos);
    }
}
