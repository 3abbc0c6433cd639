package io.github.wasmton.internal.run;

import java.util.concurrent.CompletableFuture;

import io.github.wasmton.failure.FailurePolicy;
import io.github.wasmton.failure.Verdict;
import io.github.wasmton.guest.Outcome;
import io.github.wasmton.guest.Task;
import io.github.wasmton.internal.engine.Decision;
import io.github.wasmton.internal.engine.Effects;
import io.github.wasmton.internal.kafka.DeadLetterTopic;
import io.github.wasmton.internal.kafka.RetryTopic;
import io.github.wasmton.internal.stats.TaskCounters;
import io.github.wasmton.internal.text.SettingNames;

/**
 * Settles tasks that failed: asks the policy, then counts, logs and writes what its verdict needs. It starts no thread
 * and never waits. Any number of threads may use it.
 */
public final class Settlement {
    private final FailurePolicy policy;
    private final TaskCounters counters;
    private final DeadLetterTopic deadLetters;
    private final RetryTopic retries;
    private final FailureLog log = new FailureLog();
    private volatile String stopReason;

    /**
     * Settles by that policy.
     *
     * @param deadLetters {@code null} for none: then a task that should become a dead letter stops everything
     * @param retries     where tasks go for which the guest asks a retry; {@code null} for attempts in place
     */
    Settlement(FailurePolicy policy, TaskCounters counters, DeadLetterTopic deadLetters, RetryTopic retries) {
        this.policy = policy;
        this.counters = counters;
        this.deadLetters = deadLetters;
        this.retries = retries;
    }

    /** Returns the reason why the first task that stopped everything did; {@code null} while none has. */
    public String stopReason() {
        return stopReason;
    }

    /** Asks the policy about a failed attempt. A {@link Verdict.Retry} is logged and counted already. */
    public Verdict decide(Task task, Outcome.Failed failure, int attempts) {
        counters.countFailure(failure.kind());
        // A task that comes from the retry topic had attempts before it was delivered.
        int all = retries == null ? attempts : task.attempt() - 1 + attempts;
        Verdict verdict = policy.decide(task, failure, all);
        if (verdict instanceof Verdict.Retry && isRetriedLater(failure)) {
            verdict = new Verdict.Retry(retries.backoff());
        }
        if (verdict instanceof Verdict.Retry retry) {
            log.retry(task, failure, all, retry.after());
            counters.countRetry();
        }
        return verdict;
    }

    /** Counts and logs a batch that failed as a whole. Each of its tasks is then a batch of one. */
    void batchFailed(Task first, int size, Outcome.Failed failure) {
        counters.countBatchFailure();
        log.batchFailed(first, size, failure);
    }

    /** Returns whether a retry of that failure goes to the retry topic. */
    boolean isRetriedLater(Outcome.Failed failure) {
        return retries != null && failure.kind() == Outcome.Kind.RETRY;
    }

    /**
     * Writes a task to the retry topic. The future completes, on any thread, with whether Kafka has it; if not, the
     * task is to be tried in place.
     */
    CompletableFuture<Boolean> retryLater(Task task) {
        return retries.send(task).handle((sent, e) -> {
            if (e != null) {
                log.notRetriedLater(task, retries.topic(), e);
            }
            return e == null;
        });
    }

    /**
     * Carries out a verdict other than {@link Verdict.Retry}. The future completes, on any thread, with the decision
     * about the record: never before a dead letter is acknowledged, and with {@link Decision#STOP} where it is not.
     */
    public CompletableFuture<Decision> settle(Task task, Outcome.Failed failure, int attempts, Verdict verdict) {
        return settle(task, failure, attempts, verdict, null);
    }

    /**
     * Carries out a verdict as {@link #settle(Task, Outcome.Failed, int, Verdict)}.
     *
     * @param effects take a dead letter, which then needs no acknowledgement; {@code null} to write it here
     */
    CompletableFuture<Decision> settle(Task task, Outcome.Failed failure, int attempts, Verdict verdict,
            Effects effects) {
        if (verdict instanceof Verdict.Skip) {
            log.skipped(task, failure, attempts);
            counters.countSkipped();
            return CompletableFuture.completedFuture(Decision.COMPLETE);
        }
        if (verdict instanceof Verdict.DeadLetter) {
            return deadLetter(task, failure, attempts, effects);
        }
        String why = verdict instanceof Verdict.Stop stop ? stop.why() : "the policy wants it tried again";
        return CompletableFuture.completedFuture(stop(task, failure, attempts, why));
    }

    private CompletableFuture<Decision> deadLetter(Task task, Outcome.Failed failure, int attempts, Effects effects) {
        if (deadLetters == null) {
            return CompletableFuture.completedFuture(stop(task, failure, attempts, "there is no dead-letter topic"));
        }
        if (effects != null) {
            effects.produce(deadLetters.record(task, failure, attempts));
            return CompletableFuture.completedFuture(deadLettered(task, failure, attempts));
        }
        return deadLetters.send(task, failure, attempts).handle((sent, e) -> {
            if (e != null) {
                return stop(task, failure, attempts,
                        "the dead-letter topic " + deadLetters.topic() + " did not take it: " + e.getMessage());
            }
            return deadLettered(task, failure, attempts);
        });
    }

    private Decision deadLettered(Task task, Outcome.Failed failure, int attempts) {
        log.deadLettered(task, failure, attempts, deadLetters.topic());
        counters.countDeadLettered();
        return Decision.COMPLETE;
    }

    private synchronized Decision stop(Task task, Outcome.Failed failure, int attempts, String reason) {
        String why = SettingNames.in(reason);
        FailureLog.stopped(task, failure, attempts, why);
        counters.countStopped();
        if (stopReason == null) {
            stopReason = "task " + task + " failed, and " + why;
        }
        return Decision.STOP;
    }

    /** Stops everything because no task can be processed, for that reason. */
    public synchronized void stop(Throwable reason) {
        FailureLog.stopped(reason);
        if (stopReason == null) {
            stopReason = reason.getMessage() == null ? reason.toString() : reason.getMessage();
        }
    }

    /** Logs how many lines were left out last. */
    void end() {
        log.end();
    }
}
