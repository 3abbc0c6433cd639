package io.github.wasmton;

import io.github.wasmton.decaton.DecatonEngine;
import io.github.wasmton.engine.Engine;
import io.github.wasmton.engine.EngineConfig;
import io.github.wasmton.streams.StreamsEngine;

/**
 * Chooses the engine.
 *
 * @param decaton whether it is Decaton, else it is Kafka Streams
 * @param reason  why, for the person who started it
 */
record EngineChoice(boolean decaton, String reason) {
    /** A class that Decaton has, and what this project compiles against in its place has not. */
    private static final String ONLY_IN_DECATON = "com.linecorp.decaton.processor.metrics.Metrics";

    static EngineChoice choose(Arguments.EngineName wanted) throws BadInputException {
        boolean present = decatonIsPresent();
        switch (wanted) {
            case STREAMS:
                return new EngineChoice(false, "as --engine says");
            case DECATON:
                if (!present) {
                    throw new BadInputException("Decaton is not on the class path. Put "
                            + "com.linecorp.decaton:decaton-processor:9.5.0 on it, or use --engine streams.", null);
                }
                return new EngineChoice(true, "as --engine says");
            default:
                return new EngineChoice(present, "Decaton is " + (present ? "" : "not ") + "on the class path");
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

    String engineName() {
        return decaton ? "decaton" : "streams";
    }

    /** How many threads, where the command line does not say. */
    int defaultThreads(int partitions) {
        int cpus = Runtime.getRuntime().availableProcessors();
        return decaton ? cpus : Math.min(cpus, partitions);
    }

    Engine create(EngineConfig config) {
        return decaton ? new DecatonEngine(config) : new StreamsEngine(config);
    }
}
