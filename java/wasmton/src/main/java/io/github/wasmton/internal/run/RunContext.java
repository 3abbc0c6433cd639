package io.github.wasmton.internal.run;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.common.KafkaException;

import io.github.wasmton.failure.FailureOptions;
import io.github.wasmton.failure.FailurePolicy;
import io.github.wasmton.guest.GuestModule;
import io.github.wasmton.internal.kafka.DeadLetterTopic;
import io.github.wasmton.internal.kafka.OutputWriter;
import io.github.wasmton.internal.kafka.RecordSender;
import io.github.wasmton.internal.kafka.RetryTopic;
import io.github.wasmton.internal.stats.TaskCounters;

/**
 * The parts that all runners of one guest share. Any number of threads may use it; close it after the runners.
 */
public final class RunContext implements AutoCloseable {
    private final TaskCounters counters;
    private final Settlement settlement;
    private final RecordSender sender;
    private final OutputWriter outputs;
    private final Shutdown shutdown = new Shutdown();
    private final String downstream;

    /** Makes a context without a connection to Kafka: a verdict that wants a dead letter stops everything. */
    public RunContext(FailurePolicy policy, TaskCounters counters) {
        this(policy, counters, null);
    }

    /** Makes a context whose dead letters' sender stays the caller's. */
    public RunContext(FailurePolicy policy, TaskCounters counters, DeadLetterTopic deadLetters) {
        this(new Settlement(policy, counters, deadLetters, null), counters, null, null);
    }

    /** Makes a context that closes the sender; each of the last two may be {@code null}. */
    RunContext(Settlement settlement, TaskCounters counters, RecordSender sender, String downstream) {
        this.counters = counters;
        this.settlement = settlement;
        this.sender = sender;
        this.downstream = downstream;
        this.outputs = new OutputWriter(sender);
    }

    /** Makes a context that follows these options, without routes. */
    public static RunContext of(GuestModule module, FailureOptions options, Map<String, String> kafka) {
        return of(module, counters -> FailurePolicy.of(options, counters::done), options.deadLetterTopic(), kafka,
                Routes.NONE);
    }

    /**
     * Makes a context for a guest. Connects to Kafka if there is a dead-letter topic, or the guest may produce records.
     *
     * @param policy          makes the policy, whose tasks are counted there
     * @param deadLetterTopic {@code null} for none
     * @param kafka           settings of the connection, {@code bootstrap.servers} among them; may be the consumer's
     * @throws KafkaException if one of these topics does not exist, or Kafka does not answer
     * @throws IllegalArgumentException if a connection is needed and {@code kafka} names no server
     */
    public static RunContext of(GuestModule module, Function<TaskCounters, FailurePolicy> policy,
            String deadLetterTopic, Map<String, String> kafka, Routes routes) {
        TaskCounters counters = new TaskCounters();
        FailurePolicy made = policy.apply(counters);
        Set<String> produced = new TreeSet<>(module.options().outputs().topics());
        produced.remove(String.valueOf(routes.downstream()));
        if (deadLetterTopic == null && routes.retryTopic() == null && produced.isEmpty()) {
            return new RunContext(new Settlement(made, counters, null, null), counters, null, routes.downstream());
        }
        if (!kafka.containsKey(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG)) {
            throw new IllegalArgumentException("a connection to Kafka (bootstrap.servers) is needed to write to "
                    + (!produced.isEmpty() ? String.join(", ", produced)
                            : deadLetterTopic != null ? deadLetterTopic : routes.retryTopic())
                    + "; WasmtonRuntime.of takes its settings");
        }
        RecordSender sender = new RecordSender(new HashMap<>(kafka));
        try {
            produced.forEach(sender::partitions);  // fails if a topic is missing, and no task waits for it later
            DeadLetterTopic deadLetters = deadLetterTopic == null ? null
                    : new DeadLetterTopic(sender, deadLetterTopic, module.sha256());
            RetryTopic retries = routes.retryTopic() == null ? null
                    : new RetryTopic(sender, routes.retryTopic(), routes.retryBackoff());
            return new RunContext(new Settlement(made, counters, deadLetters, retries), counters, sender,
                    routes.downstream());
        } catch (KafkaException e) {
            sender.close();
            throw e;
        }
    }

    /** Returns the counters of all tasks. */
    public TaskCounters counters() {
        return counters;
    }

    /** Returns the settlement of tasks that failed. */
    public Settlement settlement() {
        return settlement;
    }

    /** Returns the writer of records that tasks produced. */
    public OutputWriter outputs() {
        return outputs;
    }

    /** Returns the name of outputs that go to the next processor; {@code null} if none do. */
    public String downstream() {
        return downstream;
    }

    /** Returns the signal that everything is to end. */
    public Shutdown shutdown() {
        return shutdown;
    }

    /** Begins the shutdown, and closes the connection to Kafka. */
    @Override
    public void close() {
        shutdown.begin();
        if (sender != null) {
            sender.close();
        }
        settlement.end();
    }
}
