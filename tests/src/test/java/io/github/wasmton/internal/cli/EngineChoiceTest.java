package io.github.wasmton.internal.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Map;

import org.junit.jupiter.api.Test;

import io.github.wasmton.internal.engine.EngineType;
import io.github.wasmton.internal.engine.EngineTypes;
import io.github.wasmton.internal.kafka.KafkaSettings;

class EngineChoiceTest {
    /**
     * Tests the choice of an engine. The class path has Decaton's classes in any case: the artefact's, or its
     * signatures, which cannot run.
     */
    private static final boolean REAL = EngineChoiceTest.class.getResource(
            "/com/linecorp/decaton/processor/runtime/internal/Processors.class") != null;

    @Test
    void autoPicksDecatonIfPresentAndNotItsSignatures() throws Exception {
        assertTrue(EngineChoiceTest.class.getResource(
                "/com/linecorp/decaton/processor/runtime/SubscriptionBuilder.class") != null);
        EngineChoice auto = EngineChoice.choose(EngineChoice.AUTO, false);
        assertEquals(REAL, auto.engine().name().equals("decaton"));
        assertEquals("decaton is " + (REAL ? "" : "not ") + "on the class path", auto.reason());
    }

    @Test
    void nameChoosesTheEngine() throws Exception {
        for (EngineType engine : EngineTypes.ALL) {
            if (engine.missing().isEmpty()) {
                EngineChoice choice = EngineChoice.choose(engine.name().toUpperCase(), !engine.oneAtATime());
                assertSame(engine, choice.engine());
                assertEquals("as --engine says", choice.reason());
            }
        }
    }

    @Test
    void rejectsAnUnknownEngineAndListsAllNames() {
        assertEquals("--engine: 'x' is no engine. There are: auto, decaton, consumer, streams.",
                refused("x", false));
    }

    @Test
    void manyTasksInFlightNeedAnEngineWithThem() throws Exception {
        assertEquals(REAL ? "decaton" : "consumer", EngineChoice.choose("auto", true).engine().name());
        assertEquals("consumer", EngineChoice.choose("consumer", true).engine().name());
        assertEquals("The engine streams has one task in flight on each thread, so it does not go with --in-flight. "
                + "Leave --engine out, or use " + (REAL ? "--engine decaton or " : "") + "--engine consumer.",
                refused("streams", true));
    }

    @Test
    void rejectsDecatonWithoutItsLibrary() throws Exception {
        if (REAL) {
            assertEquals("decaton", EngineChoice.choose("decaton", false).engine().name());
        } else {
            String message = refused("decaton", false);
            assertTrue(message.startsWith("Decaton is not on the class path. Put "
                    + "com.linecorp.decaton:decaton-processor:9.5.0 on it, or use --engine "), message);
        }
    }

    @Test
    void threadsForAllPartitionsAreAtMostOnePerPartition() {
        int processors = Runtime.getRuntime().availableProcessors();
        for (EngineType engine : EngineTypes.ALL) {
            boolean forAll = engine.threads() == EngineType.ThreadScope.PROCESS;
            assertEquals(forAll ? 1 : processors, engine.defaultThreads(1), engine.name());
            assertEquals(processors, engine.defaultThreads(1_000), engine.name());
        }
    }

    @Test
    void pollIntervalAllowsForAllAttemptsOfATask() throws Exception {
        EngineChoice streams = EngineChoice.choose("streams", false);
        KafkaSettings none = KafkaSettings.NONE;
        assertSame(none, streams.adapt(none, Duration.ofSeconds(30)), "Kafka's own five minutes are enough");
        assertEquals("1030000", streams.adapt(none, Duration.ofSeconds(1_000)).forConsumer()
                .get("max.poll.interval.ms"));
        KafkaSettings given = KafkaSettings.all(Map.of("max.poll.interval.ms", "60000"));
        assertSame(given, streams.adapt(given, Duration.ofSeconds(30)));
        BadInputException e = assertThrows(BadInputException.class,
                () -> streams.adapt(given, Duration.ofSeconds(31)));
        assertTrue(e.getMessage().endsWith("Give at least 61000."), e.getMessage());
    }

    @Test
    void engineThatPollsDuringTasksTakesAnyPollInterval() throws Exception {
        KafkaSettings given = KafkaSettings.all(Map.of("max.poll.interval.ms", "60000"));
        assertSame(given, EngineChoice.choose("consumer", true).adapt(given, Duration.ofHours(1)));
    }

    @Test
    void streamsRefusesTheGroupProtocolThatTakesItsConsumersAway() throws Exception {
        EngineChoice streams = EngineChoice.choose("streams", false);
        KafkaSettings given = new KafkaSettings(Map.of(), Map.of(), Map.of(), Map.of(),
                Map.of("streams", Map.of("group.protocol", "streams")));
        BadInputException e = assertThrows(BadInputException.class, () -> streams.adapt(given, Duration.ofSeconds(30)));
        assertTrue(e.getMessage().startsWith("The engine streams does not run with group.protocol=streams"),
                e.getMessage());
    }

    @Test
    void onlyStreamsJoinsAGroupOfStreams() {
        for (EngineType engine : EngineTypes.ALL) {
            assertEquals(engine.name().equals("streams"), engine.joins("stream"), engine.name());
            assertFalse(engine.joins("stream") && engine.joins("range"), engine.name());
        }
    }

    private static String refused(String engine, boolean inFlight) {
        return assertThrows(BadInputException.class, () -> EngineChoice.choose(engine, inFlight)).getMessage();
    }
}
