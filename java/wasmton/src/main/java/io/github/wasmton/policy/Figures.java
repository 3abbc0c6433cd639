package io.github.wasmton.policy;

import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.atomic.LongAdder;

/** Counts what all threads do. Adding costs a few nanoseconds and never waits; reading may be a few tasks behind. */
public final class Figures {
    private final LongAdder done = new LongAdder();
    private final LongAdder failed = new LongAdder();
    private final LongAdder timed = new LongAdder();
    private final LongAdder timedNanos = new LongAdder();

    /** Tasks that the guest processed. */
    public long done() {
        return done.sum();
    }

    /** Tasks that failed. */
    public long failed() {
        return failed.sum();
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
                "%d tasks done, %d failed, %.1f tasks/s over %.1f s, %.1f us in the guest per task",
                done(), failed(), done() / Math.max(seconds, 1e-9), seconds, meanNanosInGuest() / 1e3);
    }

    /** How many tasks the mean is of. */
    long timed() {
        return timed.sum();
    }

    void countDone() {
        done.increment();
    }

    void countFailed() {
        failed.increment();
    }

    void countTime(long nanos) {
        timed.increment();
        timedNanos.add(nanos);
    }
}
