package io.github.wasmton.failure;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.LongSupplier;

/**
 * Looks whether too many of the last tasks were given up. Tasks that were processed are only counted, by somebody else:
 * for each one that was given up the window keeps how many tasks there had been by then.
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

    /** Whether one more would be too many; counts it where it would not. */
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
