package io.github.wasmton.failure;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.LongSupplier;

/**
 * Checks whether too many of the recent tasks were given up. Processed tasks are only counted, by somebody else: for
 * each task that was given up, this keeps the number of tasks until then.
 */
final class GiveUpRate {
    private final FailureOptions.Threshold threshold;
    private final LongSupplier done;
    private final Queue<Long> places = new ArrayDeque<>();
    private long givenUp;

    /** {@code done} counts the tasks that were processed. */
    GiveUpRate(FailureOptions.Threshold threshold, LongSupplier done) {
        this.threshold = threshold;
        this.done = done;
    }

    /** Returns whether one more would be too many; counts it if not. */
    synchronized boolean isTooMany() {
        long total = done.getAsLong() + givenUp + 1;
        while (!places.isEmpty() && places.peek() <= total - threshold.window()) {
            places.remove();
        }
        int failed = places.size() + 1;
        if (failed >= threshold.minimum() && failed > threshold.ratio() * Math.min(total, threshold.window())) {
            return true;
        }
        givenUp++;
        places.add(total);
        return false;
    }
}
