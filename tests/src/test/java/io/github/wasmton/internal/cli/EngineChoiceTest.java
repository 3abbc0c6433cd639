package io.github.wasmton.internal.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import io.github.wasmton.internal.cli.Arguments.EngineName;

class EngineChoiceTest {
    /** The class path has Decaton's classes in any case: the artefact's, or the signatures that nothing can run on. */
    private static final boolean REAL = EngineChoiceTest.class.getResource(
            "/com/linecorp/decaton/processor/runtime/internal/Processors.class") != null;

    @Test
    void autoTakesDecatonWhereItIsAndIsNotFooledByItsSignatures() throws Exception {
        assertTrue(EngineChoiceTest.class.getResource(
                "/com/linecorp/decaton/processor/runtime/SubscriptionBuilder.class") != null);
        EngineChoice auto = EngineChoice.choose(EngineName.AUTO, false);
        assertEquals(REAL, auto.decaton());
        assertEquals(REAL ? "decaton" : "streams", auto.engineName());
        assertEquals(REAL ? "Decaton is on the class path" : "Decaton is not on the class path", auto.reason());
    }

    @Test
    void streamsCanBeAskedForAnyway() throws Exception {
        EngineChoice streams = EngineChoice.choose(EngineName.STREAMS, false);
        assertFalse(streams.decaton());
        assertEquals("as --engine says", streams.reason());
    }

    @Test
    void manyTasksInFlightNeedAnEngineThatHasThem() throws Exception {
        assertEquals(REAL ? "decaton" : "consumer", EngineChoice.choose(EngineName.AUTO, true).engineName());
        assertEquals("consumer", EngineChoice.choose(EngineName.CONSUMER, true).engineName());
        String streams = assertThrows(BadInputException.class, () -> EngineChoice.choose(EngineName.STREAMS, true))
                .getMessage();
        assertTrue(streams.contains("--in-flight does not go with --engine streams"), streams);
        String consumer = assertThrows(BadInputException.class, () -> EngineChoice.choose(EngineName.CONSUMER, false))
                .getMessage();
        assertTrue(consumer.contains("Give --in-flight N"), consumer);
    }

    @Test
    void decatonCanBeAskedForOnlyWhereItIs() throws Exception {
        if (REAL) {
            assertTrue(EngineChoice.choose(EngineName.DECATON, false).decaton());
        } else {
            BadInputException e = assertThrows(BadInputException.class,
                    () -> EngineChoice.choose(EngineName.DECATON, false));
            assertEquals("Decaton is not on the class path. Put com.linecorp.decaton:decaton-processor:9.5.0 on it, or "
                    + "use --engine streams.", e.getMessage());
        }
    }

    @Test
    void streamsHasNoMoreThreadsThanPartitionsByItself() {
        int cpus = Runtime.getRuntime().availableProcessors();
        assertEquals(1, new EngineChoice(EngineName.STREAMS, "").defaultThreads(1));
        assertEquals(cpus, new EngineChoice(EngineName.STREAMS, "").defaultThreads(1_000));
        assertEquals(cpus, new EngineChoice(EngineName.DECATON, "").defaultThreads(1));
    }
}
