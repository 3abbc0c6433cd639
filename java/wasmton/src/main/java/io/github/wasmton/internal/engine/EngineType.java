package io.github.wasmton.internal.engine;

import java.time.Duration;
import java.util.Optional;
import java.util.Set;

import io.github.wasmton.internal.kafka.KafkaSettings;

/**
 * A kind of engine: everything that the rest of Wasmton must know about an engine before it runs. Each engine's package
 * has one implementation; {@link EngineTypes} lists them.
 */
public interface EngineType {
    /** The part of an engine to which a number of threads applies. */
    enum ThreadScope { PROCESS, PARTITION }

    /** Returns the engine's name, the value of {@code --engine}. */
    String name();

    /** Returns a sentence about how to get the engine if it cannot run on this class path; empty if it can. */
    default Optional<String> missing() {
        return Optional.empty();
    }

    /** Returns whether each thread of the engine can process one task at a time. */
    boolean oneAtATime();

    /** Returns whether the engine can have many tasks in flight without a thread each. */
    boolean inFlight();

    /** Returns whether the engine has stores of state, and exactly-once. */
    default boolean hasEffects() {
        return false;
    }

    /** Returns the part to which the number of threads applies, with one task at a time. */
    ThreadScope threads();

    /** Returns the default number of threads: one per processor, and no more than can have work. */
    default int defaultThreads(int partitions) {
        int processors = Runtime.getRuntime().availableProcessors();
        return threads() == ThreadScope.PARTITION ? processors : Math.min(processors, partitions);
    }

    /** Returns the names of the engine's own settings; empty if it has none, or checks them itself at the start. */
    default Set<String> settings() {
        return Set.of();
    }

    /** Returns the names of its own settings that Wasmton sets and users cannot. */
    default Set<String> reservedSettings() {
        return Set.of();
    }

    /**
     * Returns a sentence about settings that this engine cannot run with: the settings found, and the remedy. Empty if
     * the settings are fine.
     *
     * @param effects whether exactly-once or state is wanted
     * @param batches whether the guest takes batches
     */
    default Optional<String> problem(KafkaSettings settings, boolean effects, boolean batches) {
        return Optional.empty();
    }

    /**
     * Returns the smallest {@code max.poll.interval.ms} with which the group keeps a member during a task of that
     * length; zero if the engine keeps polling during a task, so that any interval works.
     *
     * @param longestTask the longest time of a task with all its attempts and back-offs
     */
    default Duration pollInterval(Duration longestTask, boolean inFlight) {
        return Duration.ZERO;
    }

    /**
     * Returns whether the engine can join a group whose members assign partitions by that strategy, such as
     * {@code range}. All members of a group must support one common strategy.
     */
    default boolean joins(String assignor) {
        return !assignor.equals("stream");
    }

    /** Creates an engine, to be started and closed by the caller. */
    Engine create(EngineConfig config);
}
