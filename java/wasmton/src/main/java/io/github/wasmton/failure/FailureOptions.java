package io.github.wasmton.failure;

import java.time.Duration;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;

import io.github.wasmton.guest.Outcome;
import io.github.wasmton.internal.text.Quantity;

/**
 * Options for tasks that fail.
 *
 * @param attempts        number of attempts at a task in place, at least 1
 * @param backoff         delay before the second attempt; doubles each time, with jitter (50 to 100 %), so that
 *                        instances that fail together do not retry together
 * @param maxBackoff      longest delay; at least {@code backoff}, at most a day
 * @param actions         action for each kind of failure; missing kinds have the default
 * @param deadLetterTopic topic for tasks that failed; {@code null} for none, then they stop everything
 * @param threshold       limit for tasks that end unprocessed
 */
public record FailureOptions(int attempts, Duration backoff, Duration maxBackoff,
        Map<Outcome.Kind, FailureAction> actions, String deadLetterTopic, Threshold threshold) {
    private static final int MOST_ATTEMPTS = 1_000_000;
    private static final Duration LONGEST_BACKOFF = Duration.ofDays(1);

    /** Three attempts with 200 and 400 ms between them, no dead-letter topic. */
    public static final FailureOptions DEFAULT = new FailureOptions(3, Duration.ofMillis(200), Duration.ofSeconds(10),
            Map.of(), null, Threshold.DEFAULT);

    /**
     * Stops a guest that is wrong from giving up all the tasks of a topic. Tasks count that are dead-lettered, or
     * skipped after a failure; not those that the guest asks to skip ({@link Outcome.Kind#SKIP}). Too many are more
     * than {@code ratio} of the last {@code window} tasks, or of all tasks since the start while there are fewer; but
     * never fewer than {@code minimum}.
     *
     * @param ratio   share of failures above which everything stops, above 0; never with 1 and more
     * @param window  number of recent tasks that count
     * @param minimum number of failures before the threshold applies, at least 1
     */
    public record Threshold(double ratio, int window, int minimum) {
        /** More than 10 % of the last 1,000 tasks, and at least 20. */
        public static final Threshold DEFAULT = new Threshold(0.1, 1_000, 20);

        public Threshold {
            if (!(ratio > 0)) {
                throw new IllegalArgumentException("the threshold of failures is above 0: " + ratio);
            }
            if (window < 1 || minimum < 1) {
                throw new IllegalArgumentException("the threshold of failures is for at least 1 of at least 1 task: "
                        + minimum + " of " + window);
            }
        }
    }

    public FailureOptions {
        Objects.requireNonNull(backoff, "backoff");
        Objects.requireNonNull(maxBackoff, "maxBackoff");
        Objects.requireNonNull(threshold, "threshold");
        actions = Collections.unmodifiableMap(complete(actions));
        if (attempts < 1 || attempts > MOST_ATTEMPTS) {
            throw new IllegalArgumentException("a task is tried between 1 and " + MOST_ATTEMPTS + " times, not "
                    + attempts);
        }
        if (backoff.isNegative() || maxBackoff.compareTo(backoff) < 0 || maxBackoff.compareTo(LONGEST_BACKOFF) > 0) {
            throw new IllegalArgumentException("the wait between attempts grows from zero or more to no less, and to "
                    + "a day at most; not from " + Quantity.time(backoff) + " to " + Quantity.time(maxBackoff));
        }
    }

    /** Returns every kind with its action. */
    private static Map<Outcome.Kind, FailureAction> complete(Map<Outcome.Kind, FailureAction> actions) {
        Map<Outcome.Kind, FailureAction> complete = new EnumMap<>(Outcome.Kind.class);
        for (Outcome.Kind kind : Outcome.Kind.values()) {
            complete.put(kind, actions.getOrDefault(kind, byDefault(kind)));
        }
        return complete;
    }

    private static FailureAction byDefault(Outcome.Kind kind) {
        return switch (kind) {
            case TRAP, EXIT, DEADLINE, MEMORY, REFUSED, NOT_TAKEN, RETRY -> FailureAction.RETRY;
            case DEAD_LETTER -> FailureAction.DEAD_LETTER;
            case SKIP -> FailureAction.SKIP;
            case FATAL -> FailureAction.STOP;
            // Not the task's fault: the next one would end the same way.
            case HOST -> FailureAction.RETRY_THEN_STOP;
        };
    }

    /** Returns the action for failures of that kind. */
    public FailureAction action(Outcome.Kind kind) {
        return actions.get(kind);
    }

    /** Returns the longest delay before the attempt that follows the {@code attempts}th. */
    public Duration backoffAfter(int attempts) {
        // 2^27 ms are more than a day, and from zero nothing grows.
        Duration doubled = backoff.multipliedBy(1L << Math.min(attempts - 1, 27));
        return doubled.compareTo(maxBackoff) < 0 ? doubled : maxBackoff;
    }

    /** Returns the longest time of a task with all its attempts, each of which ends by that deadline. */
    public Duration longest(Duration deadline) {
        Duration longest = deadline.multipliedBy(attempts);
        for (int attempt = 1; attempt < attempts; attempt++) {
            Duration wait = backoffAfter(attempt);
            if (wait.equals(maxBackoff)) {
                return longest.plus(maxBackoff.multipliedBy(attempts - attempt));
            }
            longest = longest.plus(wait);
        }
        return longest;
    }

    /** Returns these options with another number of attempts. */
    public FailureOptions withAttempts(int newAttempts) {
        return new FailureOptions(newAttempts, backoff, maxBackoff, actions, deadLetterTopic, threshold);
    }

    /** Returns these options with other delays between the attempts. */
    public FailureOptions withBackoff(Duration first, Duration longest) {
        return new FailureOptions(attempts, first, longest, actions, deadLetterTopic, threshold);
    }

    /** Returns these options with another action for failures of that kind. */
    public FailureOptions withAction(Outcome.Kind kind, FailureAction action) {
        Map<Outcome.Kind, FailureAction> newActions = new EnumMap<>(actions);
        newActions.put(kind, action);
        return new FailureOptions(attempts, backoff, maxBackoff, newActions, deadLetterTopic, threshold);
    }

    /** Returns these options with that dead-letter topic, or with none if it is {@code null}. */
    public FailureOptions withDeadLetterTopic(String newTopic) {
        return new FailureOptions(attempts, backoff, maxBackoff, actions, newTopic, threshold);
    }

    /** Returns these options with another threshold. */
    public FailureOptions withThreshold(Threshold newThreshold) {
        return new FailureOptions(attempts, backoff, maxBackoff, actions, deadLetterTopic, newThreshold);
    }
}
