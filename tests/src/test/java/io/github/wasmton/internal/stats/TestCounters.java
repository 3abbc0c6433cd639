package io.github.wasmton.internal.stats;

import io.github.wasmton.guest.Outcome;

/** Counters that a test of another package changes. */
public final class TestCounters {
    private final TaskCounters figures = new TaskCounters();
    private final ThreadState activity = figures.begin();

    public TaskCounters figures() {
        return figures;
    }

    public void done() {
        figures.countDone();
    }

    public void deadLettered() {
        figures.countDeadLettered();
    }

    public void skipped() {
        figures.countSkipped();
    }

    public void stopped() {
        figures.countStopped();
    }

    public void failed(Outcome.Kind kind) {
        figures.countFailure(kind);
    }

    public void retried() {
        figures.countRetry();
    }

    public void instance() {
        figures.countInstance();
    }

    public void replaced() {
        figures.countReplaced();
    }

    public void batch(int tasks) {
        figures.countBatch(tasks);
    }

    public void failedBatch() {
        figures.countBatchFailure();
    }

    public void time(long nanos, long attempts) {
        figures.countTime(nanos, attempts);
    }

    public void latency(long timestamp) {
        figures.countLatency(timestamp, 1);
    }

    /** Marks the one thread as in the guest. */
    public void guest() {
        activity.guest();
    }

    /** Marks the one thread as waiting with its task. */
    public void waiting() {
        activity.waiting();
    }

    /** Marks the one thread as done with its task. */
    public void idle() {
        activity.idle();
    }
}
