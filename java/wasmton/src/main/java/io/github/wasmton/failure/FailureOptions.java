package io.github.wasmton.failure;

import java.time.Duration;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;

import io.github.wasmton.guest.Outcome;

/**
 * What is done about tasks that fail.
 *
 * @param attempts        how often a task is tried in place, at least once
 * @param backoff         how long is waited before the second attempt; twice as long before each further one. What is
 *                        waited in fact is a random part of it, between a half and the whole: instances that fail
 *                        together must not try again together
 * @param maxBackoff      never longer than that; at least {@code backoff}, at most a day
 * @param actions         what is done about each kind of failure; kinds that are missing are treated as by default
 * @param deadLetterTopic where tasks go that failed; {@code null} for none, then they stop everything
 * @param threshold       when too many tasks end without having been processed
 */
public record FailureOptions(int attempts, Duration backoff, Duration maxBackoff,
        Map<Outcome.Kind, FailureAction> actions, String deadLetterTopic, Threshold threshold) {
    private static final int MOST_ATTEMPTS = 1_000_000;
    private static final Duration LONGEST_BACKOFF = Duration.ofDays(1);

    /** Three attempts with 200 and 400 ms between them, no dead-letter topic. */
    public static final FailureOptions DEFAULT = new FailureOptions(3, Duration.ofMillis(200), Duration.ofSeconds(10),
            Map.of(), null, Threshold.DEFAULT);

    /**
     * Stops a guest that is wrong from giving up all the tasks of a topic. Tasks count that are dead-lettered or
     * skipped. Too many are more than {@code ratio} of the last {@code window} tasks, or of all tasks since the start
     * while there are fewer; but never fewer than {@code minimum}.
     *
     * @param ratio   above 0; 1 and more: never too many
     * @param window  how many tasks back is looked
     * @param minimum at least 1
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
                    + "a day at most; not from " + backoff.toMillis() + " to " + maxBackoff.toMillis() + " ms");
        }
    }

    /** Every kind with its action. */
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

    /** What is done about failures of that kind. */
    public FailureAction action(Outcome.Kind kind) {
        return actions.get(kind);
    }

    /** How long is waited before the attempt that follows the {@code attempts}th, at most. */
    public Duration backoffAfter(int attempts) {
        // 2^27 ms are more than a day, and from zero nothing grows.
        Duration doubled = backoff.multipliedBy(1L << Math.min(attempts - 1, 27));
        return doubled.compareTo(maxBackoff) < 0 ? doubled : maxBackoff;
    }

    /** How long one task can take with all its attempts, each of which ends by that deadline. */
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

    /** The same options with another number of attempts. */
    public FailureOptions withAttempts(int newAttempts) {
        return new FailureOptions(newAttempts, backoff, maxBackoff, actions, deadLetterTopic, threshold);
    }

    /** The same options with other waits between the attempts. */
    public FailureOptions withBackoff(Duration first, Duration longest) {
        return new FailureOptions(attempts, first, longest, actions, deadLetterTopic, threshold);
    }

    /** The same options with another action for failures of that kind. */
    public FailureOptions withAction(Outcome.Kind kind, FailureAction action) {
        Map<Outcome.Kind, FailureAction> newActions = new EnumMap<>(actions);
        newActions.put(kind, action);
        return new FailureOptions(attempts, backoff, maxBackoff, newActions, deadLetterTopic, threshold);
    }

    /** The same options with that dead-letter topic, or with none where it is {@code null}. */
    public FailureOptions withDeadLetterTopic(String newTopic) {
        return new FailureOptions(attempts, backoff, maxBackoff, actions, newTopic, threshold);
    }

    /** The same options with another threshold. */
    public FailureOptions withThreshold(Threshold newThreshold) {
        return new FailureOptions(attempts, backoff, maxBackoff, actions, deadLetterTopic, newThreshold);
    }
}
