package io.github.wasmton.internal.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;

import io.github.wasmton.internal.engine.EngineType;
import io.github.wasmton.internal.engine.EngineTypes;
import io.github.wasmton.internal.kafka.KafkaSettings;

class EngineChoiceTest {
    @Test
    void autoPicksDecatonIfPresent() throws Exception {
        EngineChoice auto = EngineChoice.choose(EngineChoice.AUTO, false, false);
        assertEquals("decaton", auto.engine().name());
        assertEquals("decaton is on the class path", auto.reason());
    }

    /** Asks on a class path without Decaton, which is Wasmton's own one. */
    @Test
    void autoPicksTheConsumerWithoutDecatonAndSaysHowToGetIt() throws Exception {
        try (WithoutDecaton classPath = new WithoutDecaton()) {
            assertEquals("consumer: decaton is not on the class path", classPath.choose("auto"));
            String refused = classPath.choose("decaton");
            assertTrue(refused.startsWith("Decaton is not on the class path. Put "
                    + "com.linecorp.decaton:decaton-processor:9.5.0 on it, or use --engine "), refused);
        }
    }

    /** The class path of the tests less Decaton, or the fake of it. */
    private static final class WithoutDecaton extends URLClassLoader {
        WithoutDecaton() throws Exception {
            super(urls(), ClassLoader.getPlatformClassLoader());
        }

        private static URL[] urls() throws Exception {
            List<URL> urls = new ArrayList<>();
            for (String entry : System.getProperty("wasmton.test.classpath").split(File.pathSeparator)) {
                urls.add(new File(entry).toURI().toURL());
            }
            return urls.toArray(new URL[0]);
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (name.startsWith("com.linecorp.decaton.")) {
                throw new ClassNotFoundException(name);
            }
            return super.loadClass(name, resolve);
        }

        /** Returns the engine and the reason of the choice, or why there is none. */
        String choose(String engine) throws Exception {
            Method choose = loadClass(EngineChoice.class.getName()).getDeclaredMethod("choose", String.class,
                    boolean.class, boolean.class);
            choose.setAccessible(true);
            try {
                Object choice = choose.invoke(null, engine, false, false);
                Object type = call(choice, "engine");
                return call(type, "name") + ": " + call(choice, "reason");
            } catch (InvocationTargetException e) {
                return e.getCause().getMessage();
            }
        }

        private static Object call(Object object, String method) throws Exception {
            Method found = object.getClass().getDeclaredMethod(method);
            found.setAccessible(true);
            return found.invoke(object);
        }
    }

    @Test
    void nameChoosesTheEngine() throws Exception {
        for (EngineType engine : EngineTypes.ALL) {
            if (engine.missing().isEmpty()) {
                EngineChoice choice = EngineChoice.choose(engine.name().toUpperCase(), !engine.oneAtATime(), false);
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
        assertEquals("decaton", EngineChoice.choose("auto", true, false).engine().name());
        assertEquals("consumer", EngineChoice.choose("consumer", true, false).engine().name());
        assertEquals("The engine streams has one task in flight on each thread, so it does not go with --in-flight. "
                + "Leave --engine out, or use --engine decaton or --engine consumer.",
                refused("streams", true));
    }

    @Test
    void autoPicksTheEngineWithExactlyOnceAndState() throws Exception {
        EngineChoice choice = EngineChoice.choose("auto", false, true);
        assertEquals("streams: it has exactly-once and state", choice.engine().name() + ": " + choice.reason());
        assertEquals("streams", EngineChoice.choose("streams", false, true).engine().name());
    }

    @Test
    void otherEnginesRefuseExactlyOnceAndState() {
        for (String engine : List.of("decaton", "consumer")) {
            assertEquals("The engine " + engine + " has neither exactly-once nor state, so it does not go with "
                    + "--exactly-once, --state or --table. Leave --engine out, or use --engine streams.",
                    assertThrows(BadInputException.class, () -> EngineChoice.choose(engine, false, true)).getMessage());
        }
        String inFlight = assertThrows(BadInputException.class, () -> EngineChoice.choose("auto", true, true))
                .getMessage();
        assertTrue(inFlight.startsWith("--in-flight does not go with --exactly-once"), inFlight);
    }

    @Test
    void everyEngineHasBatches() throws Exception {
        for (EngineType engine : EngineTypes.ALL) {
            EngineChoice choice = EngineChoice.forBatches(engine.name(), false);
            assertSame(engine, choice.engine());
            assertTrue(choice.batches());
            assertEquals(engine.inFlight(), choice.inFlight(), "in flight where the engine has that");
            assertEquals(!engine.inFlight(), choice.takesOutputs());
        }
        assertEquals("decaton", EngineChoice.forBatches("auto", false).engine().name());
        EngineChoice exactlyOnce = EngineChoice.forBatches("auto", true);
        assertEquals("streams", exactlyOnce.engine().name());
        assertTrue(exactlyOnce.effects());
        assertFalse(exactlyOnce.inFlight());
    }

    @Test
    void transactionAllowsForAllAttemptsOfATask() throws Exception {
        Duration longest = Duration.ofSeconds(30);
        assertEquals("40100", EngineChoice.withTransactionTimeout(KafkaSettings.NONE, longest).forProducer()
                .get("transaction.timeout.ms"));
        KafkaSettings enough = KafkaSettings.NONE.withProducer("transaction.timeout.ms", "30100");
        assertSame(enough, EngineChoice.withTransactionTimeout(enough, longest));
        KafkaSettings tooShort = KafkaSettings.NONE.withProducer("transaction.timeout.ms", "30099");
        String refused = assertThrows(BadInputException.class,
                () -> EngineChoice.withTransactionTimeout(tooShort, longest)).getMessage();
        assertEquals("transaction.timeout.ms is 30099, but a task can take 30s with all its attempts (--deadline, "
                + "--attempts, --backoff), and Kafka would abort its transaction before. Give at least 30100.",
                refused);
        KafkaSettings noNumber = KafkaSettings.NONE.withProducer("transaction.timeout.ms", "abc");
        assertEquals("transaction.timeout.ms is 'abc', and has to be a number of milliseconds below 1,000,000,000.",
                assertThrows(BadInputException.class, () -> EngineChoice.withTransactionTimeout(noNumber, longest))
                        .getMessage());
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
        EngineChoice streams = EngineChoice.choose("streams", false, false);
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
        assertSame(given, EngineChoice.choose("consumer", true, false).adapt(given, Duration.ofHours(1)));
    }

    @Test
    void streamsHasItsOwnGroupProtocolOnlyIfItCommitsItself() throws Exception {
        EngineChoice streams = EngineChoice.choose("streams", false, false);
        KafkaSettings given = new KafkaSettings(Map.of(), Map.of(), Map.of(), Map.of(),
                Map.of("streams", Map.of("group.protocol", "streams")));
        BadInputException e = assertThrows(BadInputException.class, () -> streams.adapt(given, Duration.ofSeconds(30)));
        assertTrue(e.getMessage().startsWith("The engine streams runs with group.protocol=streams only with "
                + "--exactly-once, --state or --table"), e.getMessage());
        assertSame(given, EngineChoice.choose("streams", false, true).adapt(given, Duration.ofSeconds(30)));
    }

    @Test
    void onlyStreamsJoinsAGroupOfStreams() {
        for (EngineType engine : EngineTypes.ALL) {
            assertEquals(engine.name().equals("streams"), engine.joins("stream"), engine.name());
            assertFalse(engine.joins("stream") && engine.joins("range"), engine.name());
        }
    }

    private static String refused(String engine, boolean inFlight) {
        return assertThrows(BadInputException.class, () -> EngineChoice.choose(engine, inFlight, false)).getMessage();
    }
}
