package io.github.wasmton.internal.cli;

import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;

import io.github.wasmton.internal.engine.EngineConfig;
import io.github.wasmton.internal.engine.EngineType;
import io.github.wasmton.internal.engine.EngineTypes;
import io.github.wasmton.internal.kafka.KafkaSettings;
import io.github.wasmton.internal.text.Quantity;

/**
 * The chosen engine.
 *
 * @param engine   the engine
 * @param inFlight whether it has many tasks in flight
 * @param effects  whether it has to commit the effects of tasks: exactly-once or state
 * @param batches  whether the guest takes batches
 * @param reason   why it is this one, for the person who started it
 */
public record EngineChoice(EngineType engine, boolean inFlight, boolean effects, boolean batches, String reason) {
    /** Name that leaves the choice to Wasmton: the best engine on the class path. */
    public static final String AUTO = "auto";

    /** Options for which an engine has to commit the effects of tasks itself. */
    private static final String EFFECTS = "--exactly-once, --state or --table";
    /** Time of a transaction besides its longest task. */
    private static final Duration TRANSACTION_MARGIN = Duration.ofSeconds(10);
    /** Setting of Streams, and its default with exactly-once. */
    private static final String COMMIT_INTERVAL = "commit.interval.ms";
    private static final long COMMIT_INTERVAL_MILLIS = 100;

    /** Kafka's own default of {@code max.poll.interval.ms}. */
    private static final Duration POLL_INTERVAL = Duration.ofMinutes(5);

    /** The values that {@code --engine} takes. */
    static final class Names implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return Stream.concat(Stream.of(AUTO), EngineTypes.ALL.stream().map(EngineType::name)).iterator();
        }
    }

    /**
     * Chooses the engine.
     *
     * @param wanted   an engine's name, or {@link #AUTO}
     * @param inFlight whether many tasks are to be in flight at once
     * @param effects  whether exactly-once or state is wanted
     * @throws BadInputException if there is no such engine, or it cannot do that
     */
    public static EngineChoice choose(String wanted, boolean inFlight, boolean effects) throws BadInputException {
        if (inFlight && effects) {
            throw new BadInputException("--in-flight does not go with " + EFFECTS + ": the engine that has them has "
                    + "one task in flight on each thread. Leave --in-flight out, or the others.", null);
        }
        List<EngineType> able = EngineTypes.ALL.stream()
                .filter(type -> (inFlight ? type.inFlight() : type.oneAtATime()) && (!effects || type.hasEffects()))
                .toList();
        List<EngineType> present = able.stream().filter(type -> type.missing().isEmpty()).toList();
        if (wanted.equalsIgnoreCase(AUTO)) {
            EngineType best = present.get(0);
            if (effects) {
                return new EngineChoice(best, inFlight, effects, false, "it has exactly-once and state");
            }
            String absent = able.stream().takeWhile(type -> type != best)
                    .map(type -> type.name() + " is not on the class path").collect(Collectors.joining(", "));
            return new EngineChoice(best, inFlight, effects, false,
                    absent.isEmpty() ? best.name() + " is on the class path" : absent);
        }
        EngineType engine = EngineTypes.named(wanted).orElseThrow(() -> new BadInputException("--engine: '" + wanted
                + "' is no engine. There are: " + String.join(", ", new Names()) + '.', null));
        String others = present.stream().filter(type -> type != engine).map(type -> "--engine " + type.name())
                .collect(Collectors.joining(" or "));
        if (effects && !engine.hasEffects()) {
            throw new BadInputException("The engine " + engine.name() + " has neither exactly-once nor state, so it "
                    + "does not go with " + EFFECTS + ". Leave --engine out, or use " + others + '.', null);
        }
        if (!able.contains(engine)) {
            throw new BadInputException("The engine " + engine.name() + (inFlight
                    ? " has one task in flight on each thread, so it does not go with --in-flight. Leave --engine out, "
                    : " has many tasks in flight, and needs --in-flight N. Give that, ") + "or use " + others + '.',
                    null);
        }
        Optional<String> missing = engine.missing();
        if (missing.isPresent()) {
            throw new BadInputException(missing.get() + ", or use " + others + '.', null);
        }
        return new EngineChoice(engine, inFlight, effects, false, "as --engine says");
    }

    /**
     * Chooses the engine for a guest that takes batches: each engine has them, either with many tasks in flight or by
     * looking ahead. A guest that takes batches has no stores.
     */
    static EngineChoice forBatches(String wanted, boolean exactlyOnce) throws BadInputException {
        boolean oneAtATime = exactlyOnce || EngineTypes.named(wanted).filter(type -> !type.inFlight()).isPresent();
        EngineChoice choice = choose(wanted, !oneAtATime, exactlyOnce);
        return new EngineChoice(choice.engine, choice.inFlight, choice.effects, true, choice.reason);
    }

    /** Returns whether the outputs of tasks leave through the engine, which cannot fail their tasks any more. */
    boolean takesOutputs() {
        return effects || batches && !inFlight;
    }

    /**
     * Returns the settings with which the engine keeps its partitions while a task takes as long as it may.
     *
     * @param longestTask the longest time of a task with all its attempts and back-offs
     * @throws BadInputException for settings that the engine cannot run with
     */
    public KafkaSettings adapt(KafkaSettings kafka, Duration longestTask) throws BadInputException {
        String problem = engine.problem(kafka, effects, batches).orElse(null);
        if (problem != null) {
            throw new BadInputException(problem + '.', null);
        }
        Duration needed = engine.pollInterval(longestTask, inFlight);
        String given = kafka.forConsumer().get(ConsumerConfig.MAX_POLL_INTERVAL_MS_CONFIG);
        if (given != null) {
            if (given.matches("[0-9]{1,10}") && Long.parseLong(given) < needed.toMillis()) {
                throw new BadInputException("max.poll.interval.ms is " + given + ", but a task can take "
                        + Quantity.time(longestTask)
                        + " with all its attempts (--deadline, --attempts, --backoff), and "
                        + "Kafka would take its partition away before. Give at least " + needed.toMillis() + '.', null);
            }
            return kafka;
        }
        return needed.compareTo(POLL_INTERVAL) <= 0 ? kafka
                : kafka.withConsumer(ConsumerConfig.MAX_POLL_INTERVAL_MS_CONFIG,
                        Long.toString(Math.min(Integer.MAX_VALUE, needed.toMillis())));
    }

    /**
     * Returns the settings with which a transaction may take as long as a task.
     *
     * @param longestTask the longest time of a task with all its attempts and back-offs
     * @throws BadInputException for a transaction that may take less
     */
    static KafkaSettings withTransactionTimeout(KafkaSettings kafka, Duration longestTask) throws BadInputException {
        String interval = kafka.forEngine("streams").getOrDefault(COMMIT_INTERVAL,
                kafka.all().get(COMMIT_INTERVAL));
        long least = longestTask.toMillis()
                + (interval != null && interval.matches("[0-9]{1,9}") ? Long.parseLong(interval)
                        : COMMIT_INTERVAL_MILLIS);
        String given = kafka.forProducer().get(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG);
        if (given == null) {
            return kafka.withProducer(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG,
                    Long.toString(Math.min(Integer.MAX_VALUE, least + TRANSACTION_MARGIN.toMillis())));
        }
        if (!given.matches("[0-9]{1,9}")) {
            throw new BadInputException("transaction.timeout.ms is '" + given + "', and has to be a number of "
                    + "milliseconds below 1,000,000,000.", null);
        }
        if (Long.parseLong(given) < least) {
            throw new BadInputException("transaction.timeout.ms is " + given + ", but a task can take "
                    + Quantity.time(longestTask) + " with all its attempts (--deadline, --attempts, --backoff), and "
                    + "Kafka would abort its transaction before. Give at least " + least + '.', null);
        }
        return kafka;
    }

    /** Returns the default number of threads in words, for when the number of partitions is not known. */
    static String defaultThreads(String wanted, boolean inFlight, boolean effects) {
        int processors = Runtime.getRuntime().availableProcessors();
        try {
            EngineType engine = choose(wanted, inFlight, effects).engine;
            return processors + (engine.threads() == EngineType.ThreadScope.PARTITION ? " for each partition"
                    : inFlight ? "" : ", or one for each partition if that is less");
        } catch (BadInputException e) {
            return Integer.toString(processors);  // choosing it in earnest says what is wrong
        }
    }

    /** Returns the number of tasks at once in words, for the person who started it. */
    String concurrency(EngineConfig config) {
        return inFlight ? "up to " + config.inFlight().limit() + " tasks in flight"
                : config.threads() + (engine.threads() == EngineType.ThreadScope.PARTITION ? " threads per partition"
                        : " threads");
    }
}
