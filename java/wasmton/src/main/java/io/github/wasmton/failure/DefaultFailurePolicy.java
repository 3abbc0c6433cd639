package io.github.wasmton.failure;

import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.DoubleSupplier;

import io.github.wasmton.guest.Outcome;
import io.github.wasmton.guest.Task;
import io.github.wasmton.internal.stats.TaskCounters;

/** The policy that {@link FailureOptions} describe. */
public final class DefaultFailurePolicy implements FailurePolicy {
    private final FailureOptions options;
    private final GiveUpRate window;
    private final DoubleSupplier random;

    /** The figures are those of the runners that use it: the threshold is about a part of all tasks. */
    public DefaultFailurePolicy(FailureOptions options, TaskCounters figures) {
        this(options, figures, () -> ThreadLocalRandom.current().nextDouble());
    }

    /** {@code random} gives numbers from 0 to 1. */
    DefaultFailurePolicy(FailureOptions options, TaskCounters figures, DoubleSupplier random) {
        this.options = options;
        this.window = new GiveUpRate(options.threshold(), figures::done);
        this.random = random;
    }

    @Override
    public Verdict decide(Task task, Outcome.Failed failure, int attempts) {
        FailureAction action = options.action(failure.kind());
        if (action.retries() && attempts < options.attempts()) {
            return new Verdict.Retry(jittered(options.backoffAfter(attempts)));
        }
        return switch (action.end()) {
            case STOP -> new Verdict.Stop("a failure of this kind stops everything");
            case SKIP -> unlessTooMany(Verdict.SKIP);
            case DEAD_LETTER -> options.deadLetterTopic() == null
                    ? new Verdict.Stop("there is no dead-letter topic (--dead-letter-topic)")
                    : unlessTooMany(Verdict.DEAD_LETTER);
        };
    }

    private Verdict unlessTooMany(Verdict verdict) {
        if (!window.isTooMany()) {
            return verdict;
        }
        FailureOptions.Threshold threshold = options.threshold();
        return new Verdict.Stop(String.format(Locale.ROOT, "more than %s %% of the last %,d tasks would be given up, "
                + "so the guest or what it depends on is wrong (--failure-threshold)",
                percent(threshold.ratio()), threshold.window()));
    }

    private static String percent(double ratio) {
        double percent = ratio * 100;
        return percent == Math.rint(percent) ? Long.toString((long) percent) : Double.toString(percent);
    }

    private Duration jittered(Duration longest) {
        return Duration.ofNanos((long) (longest.toNanos() * (1 + random.getAsDouble()) / 2));
    }
}
