package io.github.wasmton.metrics;

import io.github.wasmton.guest.Outcome;

/**
 * Counts and durations of a guest's tasks since the start. Any thread may read them; they may be a few tasks behind.
 */
public interface TaskStats {
    /** Returns the number of tasks that the guest processed, at any attempt. */
    long done();

    /** Returns the number of tasks that ended unprocessed: dead-lettered, skipped, or left for the next start. */
    default long failed() {
        return deadLettered() + skipped() + stopped();
    }

    /** Returns the number of tasks in the dead-letter topic, acknowledged. */
    long deadLettered();

    /** Returns the number of tasks that were given up. */
    long skipped();

    /** Returns the number of tasks that could go nowhere and stopped everything. */
    long stopped();

    /** Returns the number of attempts that ended, without those abandoned at the end. */
    long attempts();

    /** Returns the number of attempts that failed in that way. */
    long failures(Outcome.Kind kind);

    /** Returns the number of attempts that were not a task's first. */
    long retried();

    /** Returns the number of guest instances that were made. */
    long instances();

    /** Returns the number of guest instances that were dropped because of a failure. */
    long replaced();

    /** Returns the number of batches that the guest got, also those of one task; 0 if it does not take batches. */
    long batches();

    /** Returns the number of tasks in these batches. Divided by {@link #batches} it is their mean size. */
    long batchedTasks();

    /** Returns the number of batches that failed as a whole, after which each of their tasks was a batch of one. */
    long failedBatches();

    /** Returns the number of tasks that were taken and are not settled. */
    long inFlight();

    /**
     * Returns the time that attempts spent in the guest and on the way there and back. Of fast attempts only a sample
     * is timed, which also counts for the others.
     */
    Durations timeInGuest();

    /** Returns the time from a record's timestamp to the end of its task, for tasks whose attempts are timed. */
    Durations latency();

    /** A histogram of durations. */
    interface Durations {
        /** Returns the upper bounds of {@link #counts} in nanoseconds; the last count has none. A copy. */
        long[] boundsInNanos();

        /** Returns the number of durations between two bounds, one element longer than the bounds. A copy. */
        long[] counts();

        /** Returns the number of durations. */
        long count();

        /** Returns the sum of the durations in nanoseconds. */
        long totalNanos();

        /** Returns the mean in nanoseconds; 0 before the first duration. */
        default long meanNanos() {
            long count = count();
            return count == 0 ? 0 : totalNanos() / count;
        }
    }
}
