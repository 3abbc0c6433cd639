package io.github.wasmton.guest;

import static io.github.wasmton.testing.TestGuests.guest;
import static io.github.wasmton.testing.TestGuests.task;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Set;

import ch.qos.logback.classic.Level;
import io.github.wasmton.testing.GuestLogCapture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tests the records that guests of the world produce: topics, limits, and that failed tasks produce nothing. */
class OutputTest {
    private static final int MOST_RECORDS = 10_000;

    private final GuestLogCapture log = new GuestLogCapture(Level.INFO);
    private GuestModule module;
    private Guest probe;

    @BeforeEach
    void start() {
        load(OutputAccess.to("a", "b"));
    }

    private void load(OutputAccess access) {
        module = GuestModule.load(guest("probe"), GuestOptions.DEFAULT.withOutputs(access));
        probe = module.instantiate();
    }

    @AfterEach
    void stop() {
        probe.close();
        module.close();
        log.close();
    }

    private List<Output> produced(String task) {
        return ((Outcome.Done) probe.process(task(task))).outputs();
    }

    private void assertRefused(String error, String task) {
        Outcome.Failed failed = (Outcome.Failed) probe.process(task(task));
        assertEquals(Outcome.Kind.SKIP, failed.kind(), failed.reason());
        assertEquals("Other: " + error, failed.reason());
    }

    private static List<String> values(List<Output> outputs) {
        return outputs.stream().map(output -> output.topic() + ' ' + new String(output.value(), UTF_8)).toList();
    }

    @Test
    void recordsKeepTheirContentAndOrder() {
        assertEquals(List.of("a 1", "a 2", "a 3"), values(produced("produce a 1 2 3")));
        assertEquals(List.of("b 4"), values(produced("produce b 4")), "and once");
        assertSame(Outcome.DONE, probe.process(task("nothing")));
        assertSame(Outcome.DONE, probe.process(task("produce a")));
    }

    @Test
    void everyPartOfARecordIsThere() {
        Output whole = produced("produce-whole a 3").get(0);
        assertEquals(3, whole.partition());
        assertEquals(1_700_000_000_123L, whole.timestamp());
        assertArrayEquals("key".getBytes(UTF_8), whole.key());
        assertNull(whole.value());
        assertEquals(List.of("one", "one", "\u00e9"), whole.headers().stream().map(Task.Header::name).toList());
        assertArrayEquals(new byte[] {'1'}, whole.headers().get(0).value());
        assertNull(whole.headers().get(1).value());
        assertArrayEquals(new byte[0], whole.headers().get(2).value());

        Output plain = produced("produce a ").get(0);
        assertNull(plain.partition());
        assertNull(plain.timestamp());
        assertNull(plain.key());
        assertArrayEquals(new byte[0], plain.value());
        assertEquals(List.of(), plain.headers());
        assertEquals(Integer.MAX_VALUE, produced("produce-whole a 4294967295").get(0).partition(),
                "Kafka is to refuse it, not to pick another");
    }

    @Test
    void failedTaskProducesNothing() {
        assertEquals(Outcome.Kind.RETRY, ((Outcome.Failed) probe.process(task("produce-and-retry a 1"))).kind());
        assertSame(Outcome.DONE, probe.process(task("nothing")));
        assertEquals(Outcome.Kind.TRAP, ((Outcome.Failed) probe.process(task("produce-and-panic a 2"))).kind());
        assertEquals(List.of("a 3"), values(produced("produce a 3")));
    }

    @Test
    void deniesAnotherTopicAndTheLogNamesTheMissingGrant() {
        assertRefused("ProduceError::TopicDenied", "produce c 1");
        assertEquals(List.of("a record for the topic 'c' was denied; \"c\" in OutputAccess.topics would allow it"),
                log.take());
        probe.close();
        module.close();
        load(OutputAccess.NONE);
        assertRefused("ProduceError::TopicDenied", "produce a 1");
    }

    @Test
    void rejectsATooLargeRecordWithTheLimit() {
        assertEquals(1_000_000, produced("produce-of-size a 1 1000000").get(0).value().length);
        assertRefused("ProduceError::TooLarge(1000000)", "produce-of-size a 1 1000001");
    }

    @Test
    void limitsTheOutputsOfATask() {
        assertEquals(16, produced("produce-of-size a 16 1000000").size());
        assertRefused("ProduceError::QueueFull", "produce-of-size a 17 1000000");
        assertEquals(MOST_RECORDS, produced("produce-of-size a " + MOST_RECORDS + " 10").size());
        assertRefused("ProduceError::QueueFull", "produce-of-size a " + (MOST_RECORDS + 1) + " 10");
        assertEquals(List.of("a 1"), values(produced("produce a 1")), "the next task begins anew");
    }

    @Test
    void limitsAreConfigurable() {
        probe.close();
        module.close();
        load(new OutputAccess(Set.of("a"), 10, 110));
        assertEquals(2, produced("produce-of-size a 2 10").size());
        assertRefused("ProduceError::TooLarge(10)", "produce-of-size a 1 11");
        assertRefused("ProduceError::QueueFull", "produce-of-size a 3 10");
        assertThrows(IllegalArgumentException.class, () -> new OutputAccess(Set.of(), 0, 100));
        assertThrows(IllegalArgumentException.class, () -> new OutputAccess(Set.of(), 101, 100));
        assertThrows(NullPointerException.class, () -> OutputAccess.to((String) null));
    }
}
