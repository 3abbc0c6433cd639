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
import io.github.wasmton.internal.kafka.DeadLetters;
import io.github.wasmton.internal.kafka.OutputWriter;
import io.github.wasmton.internal.kafka.RecordSender;
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

    /** Makes a context without a connection to Kafka: a verdict that wants a dead letter stops everything. */
    public RunContext(FailurePolicy policy, TaskCounters counters) {
        this(policy, counters, null);
    }

    /** Makes a context whose dead letters' sender stays the caller's. */
    public RunContext(FailurePolicy policy, TaskCounters counters, DeadLetters deadLetters) {
        this(policy, counters, deadLetters, null);
    }

    private RunContext(FailurePolicy policy, TaskCounters counters, DeadLetters deadLetters, RecordSender sender) {
        this.counters = counters;
        this.settlement = new Settlement(policy, counters, deadLetters);
        this.sender = sender;
        this.outputs = new OutputWriter(sender);
    }

    /** Makes a context that follows these options; otherwise as {@link #of(GuestModule, Function, String, Map)}. */
    public static RunContext of(GuestModule module, FailureOptions options, Map<String, String> kafka) {
        return of(module, counters -> FailurePolicy.of(options, counters::done), options.deadLetterTopic(), kafka);
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
            String deadLetterTopic, Map<String, String> kafka) {
        TaskCounters counters = new TaskCounters();
        FailurePolicy made = policy.apply(counters);
        Set<String> produced = module.options().outputs().topics();
        if (deadLetterTopic == null && produced.isEmpty()) {
            return new RunContext(made, counters);
        }
        if (!kafka.containsKey(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG)) {
            throw new IllegalArgumentException("a connection to Kafka (bootstrap.servers) is needed to write to "
                    + (produced.isEmpty() ? deadLetterTopic : String.join(", ", new TreeSet<>(produced)))
                    + "; WasmtonRuntime.of takes its settings");
        }
        RecordSender sender = new RecordSender(new HashMap<>(kafka));
        try {
            produced.forEach(sender::partitions);  // fails if a topic is missing, and no task waits for it later
            DeadLetters deadLetters = deadLetterTopic == null ? null
                    : new DeadLetters(sender, deadLetterTopic, module.sha256());
            return new RunContext(made, counters, deadLetters, sender);
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
