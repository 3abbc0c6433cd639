package io.github.wasmton.failure;

import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;

import io.github.wasmton.guest.Outcome;
import io.github.wasmton.guest.Task;
import io.github.wasmton.internal.text.Quantity;

/** The policy that {@link FailureOptions} describe. */
final class OptionsFailurePolicy implements FailurePolicy {
    private final FailureOptions options;
    private final GiveUpRate rate;
    private final DoubleSupplier random;

    OptionsFailurePolicy(FailureOptions options, LongSupplier done) {
        this(options, done, () -> ThreadLocalRandom.current().nextDouble());
    }

    /** Takes its jitter from {@code random}, which gives numbers from 0 to 1. */
    OptionsFailurePolicy(FailureOptions options, LongSupplier done, DoubleSupplier random) {
        this.options = options;
        this.rate = new GiveUpRate(options.threshold(), done);
        this.random = random;
    }

    @Override
    public Verdict decide(Task task, Outcome.Failed failure, int attempts) {
        FailureAction action = options.action(failure.kind());
        if (action.retries() && attempts < options.attempts()) {
            return new Verdict.Retry(jittered(options.backoffAfter(attempts)));
        }
        Verdict last = action.last();
        if (last instanceof Verdict.Stop) {
            return last;
        }
        if (last instanceof Verdict.DeadLetter && options.deadLetterTopic() == null) {
            return new Verdict.Stop("there is no dead-letter topic (FailureOptions.deadLetterTopic)");
        }
        // A guest that filters its tasks skips many of them, and nothing is wrong.
        return failure.kind() == Outcome.Kind.SKIP && last == Verdict.SKIP ? last : unlessTooMany(last);
    }

    private Verdict unlessTooMany(Verdict verdict) {
        if (!rate.isTooMany()) {
            return verdict;
        }
        FailureOptions.Threshold threshold = options.threshold();
        return new Verdict.Stop(String.format(Locale.ROOT, "more than %s of the last %,d tasks would be given up, "
                + "so the guest or what it depends on is wrong (FailureOptions.threshold)",
                Quantity.percent(threshold.ratio()), threshold.window()));
    }

    private Duration jittered(Duration longest) {
        return Duration.ofNanos((long) (longest.toNanos() * (1 + random.getAsDouble()) / 2));
    }
}
