package io.github.wasmton.internal.cli;

import java.util.LinkedHashMap;
import java.util.Map;

import io.github.wasmton.guest.GuestModule;
import io.github.wasmton.internal.engine.EngineConfig;
import io.github.wasmton.internal.engine.InFlight;
import io.github.wasmton.internal.kafka.KafkaSettings;
import io.github.wasmton.internal.run.RunContext;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options about the engine, its consumer group and its threads. */
@Command(optionListHeading = "Kafka")
final class EngineArguments {
    /** Prefix of a group's default name. */
    static final String GROUP_PREFIX = "wasmton-";

    @Option(names = "--group", paramLabel = "NAME",
            description = "Consumer group, under which Kafka keeps the progress; two processors of one topic need two. "
                    + "A new group starts with the oldest task unless --kafka auto.offset.reset says otherwise. "
                    + "Default: " + GROUP_PREFIX + "TOPIC.")
    String group;

    @Option(names = "--engine", paramLabel = "NAME", completionCandidates = EngineChoice.Names.class,
            description = "Engine that reads Kafka: ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}, the first of "
                    + "the others that is on the class path and has what --in-flight, --exactly-once, --state, --table "
                    + "and a processor that takes batches need.")
    String engine = EngineChoice.AUTO;

    @Option(names = "--exactly-once",
            description = "Commit a task's outputs, dead letter, state and offset in one Kafka transaction, on the "
                    + "engine streams: readers with isolation.level=read_committed see each output once. "
                    + "Default: at least once.")
    boolean exactlyOnce;

    @Option(names = "--threads", paramLabel = "N",
            description = "Number of threads: per partition with the engine decaton, otherwise of the whole process. "
                    + "For a processor that takes batches always of the whole process, each with one batch at a time. "
                    + "Default: the number of CPUs. On consumer and streams no more than there are partitions, "
                    + "except for batches on consumer.")
    Integer threads;

    @Mixin
    InFlightArguments inFlight = new InFlightArguments();

    @Mixin
    BatchArguments batches = new BatchArguments();

    @Mixin
    KafkaArguments clients = new KafkaArguments();

    @Option(names = "--streams", paramLabel = OptionNames.PROPERTY,
            description = "Setting of Kafka Streams, for the engine streams; repeatable.")
    Map<String, String> streams = new LinkedHashMap<>();

    @Option(names = "--decaton", paramLabel = OptionNames.PROPERTY,
            description = "Setting of Decaton, such as decaton.max.pending.records=100, for the engine decaton; "
                    + "repeatable.")
    Map<String, String> decaton = new LinkedHashMap<>();

    /** Returns the group's name. */
    String group(String topic) {
        return group == null ? GROUP_PREFIX + topic : group;
    }

    /** Returns the settings of the clients and of the engines. */
    KafkaSettings settings() throws BadInputException {
        return clients.settings(Map.of("streams", streams, "decaton", decaton));
    }

    boolean isInFlight() {
        return inFlight.limit != null;
    }

    /** Checks the options of many tasks at once against the guest. */
    void check(GuestModule module) throws BadInputException {
        inFlight.check(module);
        batches.check(module);
    }

    /** Returns the number of threads, or of guests that get batches. */
    int threads(EngineChoice choice, int partitions) {
        if (threads != null) {
            return threads;
        }
        return choice.batches() && choice.inFlight() ? Runtime.getRuntime().availableProcessors()
                : choice.engine().defaultThreads(partitions);
    }

    /** Returns the settings of many tasks at once; {@code null} for one task per thread. */
    InFlight inFlight(GuestModule module, RunContext context, EngineChoice choice, int ofThreads) {
        if (!choice.inFlight()) {
            return null;
        }
        return choice.batches() ? batches.inFlight(module, context, ofThreads) : inFlight.inFlight(module, context);
    }

    /** Returns the number of tasks at once in words, for the person who started it. */
    String concurrency(EngineChoice choice, EngineConfig config) {
        return choice.batches()
                ? "batches of up to " + batches.size + " tasks on " + config.threads() + " threads"
                : choice.concurrency(config);
    }

    /** Checks the numbers, before anything else. */
    void check() throws BadInputException {
        inFlight.checkNumber();
        batches.checkNumber();
        if (threads != null && threads < 1) {
            throw new BadInputException("--threads must be at least 1, not " + threads + ".", null);
        }
    }
}
