package io.github.wasmton.internal.cli;

import java.util.Locale;

import io.github.wasmton.internal.cli.Arguments.EngineName;
import io.github.wasmton.internal.engine.Engine;
import io.github.wasmton.internal.engine.EngineConfig;
import io.github.wasmton.internal.engine.consumer.ConsumerEngine;
import io.github.wasmton.internal.engine.decaton.DecatonEngine;
import io.github.wasmton.internal.engine.streams.StreamsEngine;

/**
 * Chooses the engine.
 *
 * @param engine any but {@code AUTO}
 * @param reason why, for the person who started it
 */
public record EngineChoice(EngineName engine, String reason) {
    /** A class that Decaton has, and what this project compiles against in its place has not. */
    private static final String ONLY_IN_DECATON = "com.linecorp.decaton.processor.metrics.Metrics";
    private static final String AS_WANTED = "as --engine says";

    /** {@code inFlight}: whether many tasks are to be under way at once. */
    public static EngineChoice choose(EngineName wanted, boolean inFlight) throws BadInputException {
        boolean present = decatonIsPresent();
        switch (wanted) {
            case STREAMS:
                if (inFlight) {
                    throw new BadInputException("--in-flight does not go with --engine streams, which has one task "
                            + "under way for each thread. Leave --engine out, or use --engine consumer.", null);
                }
                return new EngineChoice(wanted, AS_WANTED);
            case CONSUMER:
                if (!inFlight) {
                    throw new BadInputException("--engine consumer is for many tasks at once. Give --in-flight N with "
                            + "it, or use --engine streams.", null);
                }
                return new EngineChoice(wanted, AS_WANTED);
            case DECATON:
                if (!present) {
                    throw new BadInputException("Decaton is not on the class path. Put "
                            + "com.linecorp.decaton:decaton-processor:9.5.0 on it, or use --engine "
                            + (inFlight ? "consumer" : "streams") + ".", null);
                }
                return new EngineChoice(wanted, AS_WANTED);
            default:
                return new EngineChoice(
                        present ? EngineName.DECATON : inFlight ? EngineName.CONSUMER : EngineName.STREAMS,
                        "Decaton is " + (present ? "" : "not ") + "on the class path");
        }
    }

    private static boolean decatonIsPresent() {
        try {
            Class.forName(ONLY_IN_DECATON, false, EngineChoice.class.getClassLoader());
            return true;
        } catch (ClassNotFoundException e) {
            return false;
        }
    }

    public String engineName() {
        return engine.name().toLowerCase(Locale.ROOT);
    }

    public boolean decaton() {
        return engine == EngineName.DECATON;
    }

    /** How many threads, where the command line does not say. */
    int defaultThreads(int partitions) {
        int cpus = Runtime.getRuntime().availableProcessors();
        return decaton() ? cpus : Math.min(cpus, partitions);
    }

    /** The same in words, where it is not known how many partitions there are. */
    static String defaultThreads(EngineName wanted, boolean inFlight) {
        int cpus = Runtime.getRuntime().availableProcessors();
        boolean decaton = wanted == EngineName.DECATON || wanted == EngineName.AUTO && decatonIsPresent();
        return cpus + (decaton ? " for each partition" : inFlight ? "" : ", or one for each partition if that is less");
    }

    public Engine create(EngineConfig config) {
        return switch (engine) {
            case DECATON -> new DecatonEngine(config);
            case CONSUMER -> new ConsumerEngine(config);
            default -> new StreamsEngine(config);
        };
    }
}
