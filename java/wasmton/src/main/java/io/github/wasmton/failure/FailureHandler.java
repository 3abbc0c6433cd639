package io.github.wasmton.failure;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.common.KafkaException;

import io.github.wasmton.guest.GuestModule;
import io.github.wasmton.guest.Outcome;
import io.github.wasmton.guest.Output;
import io.github.wasmton.guest.Task;
import io.github.wasmton.internal.engine.Decision;
import io.github.wasmton.internal.kafka.DeadLetters;
import io.github.wasmton.internal.kafka.OutputWriter;
import io.github.wasmton.internal.kafka.RecordSender;
import io.github.wasmton.internal.stats.TaskCounters;

/**
 * What all runners of one guest share to bring tasks to their end: the policy, the dead-letter topic, what writes the
 * records that tasks produce, the figures, and the word that everything is to end. It starts no thread and never waits
 * but in {@link #pause}. Any number of threads may use it; it is closed when none does any more.
 */
public final class FailureHandler implements AutoCloseable {
    private final FailurePolicy policy;
    private final TaskCounters figures;
    private final DeadLetters deadLetters;
    private final RecordSender sender;
    private final OutputWriter outputs;
    private final FailureLog lines = new FailureLog();
    private final CountDownLatch ending = new CountDownLatch(1);
    private volatile String stopReason;

    /** Without a dead-letter topic: where the policy wants one, everything stops. */
    public FailureHandler(FailurePolicy policy, TaskCounters figures) {
        this(policy, figures, null);
    }

    /** The dead letters' sender stays the caller's. */
    public FailureHandler(FailurePolicy policy, TaskCounters figures, DeadLetters deadLetters) {
        this(policy, figures, deadLetters, null);
    }

    private FailureHandler(FailurePolicy policy, TaskCounters figures, DeadLetters deadLetters, RecordSender sender) {
        this.policy = policy;
        this.figures = figures;
        this.deadLetters = deadLetters;
        this.sender = sender;
        this.outputs = new OutputWriter(sender);
    }

    /**
     * What the options say, for that guest. Connects to Kafka if there is a dead-letter topic, or the guest may produce
     * records.
     *
     * @param kafka the settings of the connection, {@code bootstrap.servers} among them; may be the consumer's
     * @throws KafkaException where one of these topics does not exist, or Kafka does not answer
     * @throws IllegalArgumentException where a connection is needed and {@code kafka} does not say where to
     */
    public static FailureHandler of(FailureOptions options, GuestModule module, Map<String, String> kafka) {
        TaskCounters figures = new TaskCounters();
        FailurePolicy policy = new DefaultFailurePolicy(options, figures);
        Set<String> produced = module.options().outputs().topics();
        if (options.deadLetterTopic() == null && produced.isEmpty()) {
            return new FailureHandler(policy, figures);
        }
        if (!kafka.containsKey(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG)) {
            throw new IllegalArgumentException("a connection to Kafka (bootstrap.servers) is needed to write to "
                    + (produced.isEmpty() ? options.deadLetterTopic() : String.join(", ", new TreeSet<>(produced)))
                    + "; FailureHandler.of takes it");
        }
        RecordSender sender = new RecordSender(new HashMap<>(kafka));
        try {
            produced.forEach(sender::partitions);  // that they are there, and so that nobody waits for it later
            DeadLetters deadLetters = options.deadLetterTopic() == null ? null
                    : new DeadLetters(sender, options.deadLetterTopic(), module.sha256());
            return new FailureHandler(policy, figures, deadLetters, sender);
        } catch (KafkaException e) {
            sender.close();
            throw e;
        }
    }

    /** What the runners count. */
    public TaskCounters figures() {
        return figures;
    }

    /** Why a task stopped everything, as the first one did; {@code null} while none has. */
    public String stopReason() {
        return stopReason;
    }

    /**
     * Writes what a task produced, in its order.
     *
     * @return completes, on whatever thread, with {@link Outcome#DONE} when Kafka has acknowledged all of it, and with
     *         a failure where it did not take something; never before. Beginning to write can block as
     *         {@link RecordSender#send} does
     */
    public CompletableFuture<Outcome> produce(List<Output> produced) {
        return outputs.write(produced);
    }

    /** Asks the policy about an attempt that failed; {@link Verdict.Retry} is logged and counted already. */
    public Verdict decide(Task task, Outcome.Failed failure, int attempts) {
        figures.countFailure(failure.kind());
        Verdict verdict = policy.decide(task, failure, attempts);
        if (verdict instanceof Verdict.Retry retry) {
            lines.retry(task, failure, attempts, retry.after());
            figures.countRetry();
        }
        return verdict;
    }

    /**
     * Does what a verdict other than {@link Verdict.Retry} needs. The future completes, on whatever thread, with what
     * becomes of the record: never before a dead letter is acknowledged, and with {@link Decision#STOP} where it is
     * not.
     */
    public CompletableFuture<Decision> settle(Task task, Outcome.Failed failure, int attempts, Verdict verdict) {
        if (verdict instanceof Verdict.Skip) {
            lines.skipped(task, failure, attempts);
            figures.countSkipped();
            return CompletableFuture.completedFuture(Decision.COMPLETE);
        }
        if (verdict instanceof Verdict.DeadLetter) {
            return deadLetter(task, failure, attempts);
        }
        String why = verdict instanceof Verdict.Stop stop ? stop.why() : "the policy wants it tried again";
        return CompletableFuture.completedFuture(stop(task, failure, attempts, why));
    }

    private CompletableFuture<Decision> deadLetter(Task task, Outcome.Failed failure, int attempts) {
        if (deadLetters == null) {
            return CompletableFuture.completedFuture(stop(task, failure, attempts, "there is no dead-letter topic"));
        }
        return deadLetters.send(task, failure, attempts).handle((sent, e) -> {
            if (e != null) {
                return stop(task, failure, attempts,
                        "the dead-letter topic " + deadLetters.topic() + " did not take it: " + e.getMessage());
            }
            lines.deadLettered(task, failure, attempts, deadLetters.topic());
            figures.countDeadLettered();
            return Decision.COMPLETE;
        });
    }

    private synchronized Decision stop(Task task, Outcome.Failed failure, int attempts, String why) {
        FailureLog.stopped(task, failure, attempts, why);
        figures.countStopped();
        if (stopReason == null) {
            stopReason = "task " + task + " failed, and " + why;
        }
        return Decision.STOP;
    }

    /**
     * Waits on the calling thread before the next attempt.
     *
     * @return false if there is to be none because everything is to end; at once in that case
     */
    public boolean pause(Duration time) throws InterruptedException {
        return !ending.await(time.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** Whether {@link #endWaits} was called. */
    public boolean isEnding() {
        return ending.getCount() == 0;
    }

    /** Ends all waits between attempts, now and from now on: whoever closes an engine calls this first. */
    public void endWaits() {
        ending.countDown();
    }

    /** Ends all waits, and the connection to the dead-letter topic. */
    @Override
    public void close() {
        endWaits();
        if (sender != null) {
            sender.close();
        }
        lines.end();
    }
}
