package io.github.wasmton.decaton;

import java.util.Map;

import io.github.wasmton.failure.FailureOptions;
import io.github.wasmton.failure.FailurePolicy;
import io.github.wasmton.guest.GuestModule;
import io.github.wasmton.internal.run.RunContext;
import io.github.wasmton.metrics.TaskStats;

/**
 * The parts that all processors of one guest share: its module, the failure policy, the connection to Kafka for dead
 * letters and for records that the guest produces, the counts, and the signal to end. Any number of threads may use it.
 * Close it after the processors and before the module.
 */
public final class WasmtonRuntime implements AutoCloseable {
    private final GuestModule module;
    private final RunContext context;

    private WasmtonRuntime(GuestModule module, RunContext context) {
        this.module = module;
        this.context = context;
    }

    /**
     * Makes a runtime that treats failures as these options say. Connects to Kafka if there is a dead-letter topic, or
     * the guest may produce records.
     *
     * @param kafka settings of that connection, {@code bootstrap.servers} among them; may be the consumer's
     * @throws org.apache.kafka.common.KafkaException if one of these topics does not exist, or Kafka does not answer
     * @throws IllegalArgumentException if a connection is needed and {@code kafka} names no server, or if the guest is
     *                                  granted stores, which Decaton does not have, or takes batches
     */
    public static WasmtonRuntime of(GuestModule module, FailureOptions options, Map<String, String> kafka) {
        return of(module, options, kafka, DecatonOptions.DEFAULT);
    }

    /**
     * Makes a runtime whose guest uses parts of Decaton; otherwise like {@link #of(GuestModule, FailureOptions, Map)}.
     *
     * @throws org.apache.kafka.common.KafkaException also if the retry topic does not exist
     */
    public static WasmtonRuntime of(GuestModule module, FailureOptions options, Map<String, String> kafka,
            DecatonOptions decaton) {
        check(module);
        return new WasmtonRuntime(module, RunContext.of(module, counters -> FailurePolicy.of(options, counters::done),
                options.deadLetterTopic(), kafka, decaton.routes()));
    }

    /**
     * Makes a runtime with a failure policy of your own; otherwise like
     * {@link #of(GuestModule, FailureOptions, Map)}.
     *
     * @param deadLetterTopic {@code null} for none; a task that should go there then stops everything
     */
    public static WasmtonRuntime of(GuestModule module, FailurePolicy policy, String deadLetterTopic,
            Map<String, String> kafka) {
        check(module);
        return new WasmtonRuntime(module, RunContext.of(module, counters -> policy, deadLetterTopic, kafka,
                DecatonOptions.DEFAULT.routes()));
    }

    private static void check(GuestModule module) {
        if (module.options().state().any()) {
            throw new IllegalArgumentException("Decaton has no stores for guests. Leave StateAccess.stores out, or run "
                    + "the guest by the program, whose engine streams has them.");
        }
        if (module.takesBatches()) {
            throw new IllegalArgumentException(module.path() + " takes batches, which the processors of this package "
                    + "do not make. Run it by the program (wasmton run), or write it for one task at a time.");
        }
    }

    GuestModule module() {
        return module;
    }

    RunContext context() {
        return context;
    }

    /** Returns the counts of all tasks of this guest's processors. */
    public TaskStats stats() {
        return context.counters();
    }

    /** Returns the reason why the first task that stopped everything did; {@code null} while none has. */
    public String stopReason() {
        return context.settlement().stopReason();
    }

    /**
     * Ends all waits between attempts, now and from now on: the tasks that wait are left open. Call it before the
     * subscription is closed.
     */
    public void endWaits() {
        context.shutdown().begin();
    }

    /** Ends all waits, and closes the connection to Kafka. */
    @Override
    public void close() {
        context.close();
    }
}
