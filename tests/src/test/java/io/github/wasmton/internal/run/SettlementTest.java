package io.github.wasmton.internal.run;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.common.Cluster;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.MDC;

import ch.qos.logback.classic.Level;
import io.github.wasmton.failure.Verdict;
import io.github.wasmton.guest.Outcome;
import io.github.wasmton.guest.Task;
import io.github.wasmton.internal.engine.Decision;
import io.github.wasmton.internal.kafka.DeadLetterTopic;
import io.github.wasmton.internal.kafka.RecordSender;
import io.github.wasmton.internal.stats.TaskCounters;
import io.github.wasmton.testing.LogCapture;

public class SettlementTest {
    private static final Task TASK = new Task("topic", 3, 42, "value".getBytes(UTF_8));
    private static final Outcome.Failed TRAP =
            new Outcome.Failed(Outcome.Kind.TRAP, "wasm trap: unreachable", "    0: inner\n    1: outer\n");

    private final LogCapture log = new LogCapture(FailureLog.class, Level.INFO);
    private final TaskCounters counters = new TaskCounters();
    private final MockProducer<byte[], byte[]> kafka = producer();
    private final RunContext context = new RunContext((task, failure, attempts) -> Verdict.SKIP, counters,
            new DeadLetterTopic(new RecordSender(kafka), "dead", "abc"));

    private final Settlement settlement = context.settlement();

    @AfterEach
    void close() {
        context.close();
        log.close();
    }

    /** Two partitions, and records wait for the test to acknowledge them. */
    public static MockProducer<byte[], byte[]> producer() {
        return new MockProducer<>(cluster(), false, null, new ByteArraySerializer(), new ByteArraySerializer());
    }

    public static Cluster cluster() {
        List<PartitionInfo> partitions = List.of(new PartitionInfo("dead", 0, Node.noNode(), null, null),
                new PartitionInfo("dead", 1, Node.noNode(), null, null));
        return new Cluster("mock", List.of(), partitions, Set.of(), Set.of());
    }

    @Test
    void retriesAreCountedAndLogged() {
        RunContext retrying = new RunContext(
                (task, failure, attempts) -> new Verdict.Retry(Duration.ofMillis(150)), counters);
        assertEquals(new Verdict.Retry(Duration.ofMillis(150)), retrying.settlement().decide(TASK, TRAP, 2));
        assertEquals(1, counters.retried());
        assertEquals(1, counters.failures(Outcome.Kind.TRAP));
        assertEquals(0, counters.failed(), "not finally");
        assertEquals(List.of("WARN Task failed: topic topic, partition 3, offset 42: wasm trap: unreachable "
                + "(attempt 2; the next one in 150ms)"), log.lines());
    }

    @Test
    void skippedTasksAreComplete() {
        assertEquals(Decision.COMPLETE, settlement.settle(TASK, TRAP, 1, settlement.decide(TASK, TRAP, 1)).join());
        assertEquals(1, counters.skipped());
        assertEquals(1, counters.failed());
        assertEquals(List.of("WARN Task failed: topic topic, partition 3, offset 42: wasm trap: unreachable "
                + "(tried once; skipped)"), log.lines());
    }

    @Test
    void skipThatTheGuestAsksForIsNoWarning() {
        Outcome.Failed skip = new Outcome.Failed(Outcome.Kind.SKIP, "not for us", "");
        assertEquals(Decision.COMPLETE, settlement.settle(TASK, skip, 1, Verdict.SKIP).join());
        assertEquals(1, counters.skipped());
        assertEquals(List.of(), log.lines().stream().filter(line -> !line.startsWith("DEBUG")).toList());
    }

    @Test
    void skippedTasksDoNotFloodTheLog() {
        for (int i = 0; i < 5_000; i++) {
            settlement.settle(TASK, TRAP, 1, Verdict.SKIP);
        }
        // A stop is always told, and so is what there is little of.
        settlement.settle(TASK, TRAP, 1, new Verdict.Stop("somebody said so"));
        context.close();
        assertEquals(5_000, counters.skipped());
        List<String> lines = log.lines();
        assertTrue(lines.size() < 1_000, lines.size() + " lines");
        String counted = "WARN (\\d+) more tasks that were skipped have no line here: there are at most 100 in 10s";
        long leftOut = lines.stream().filter(line -> line.matches(counted))
                .mapToLong(line -> Long.parseLong(line.replaceAll(counted, "$1"))).sum();
        assertEquals(5_000, leftOut + lines.stream().filter(line -> line.endsWith("(tried once; skipped)")).count());
        assertEquals(1, lines.stream().filter(line -> line.contains("somebody said so")).count());
    }

    @Test
    void deadLettersAreCompleteWhenAcknowledged() {
        CompletableFuture<Decision> settled = settlement.settle(TASK, TRAP, 3, Verdict.DEAD_LETTER);
        assertFalse(settled.isDone());
        assertEquals(0, counters.deadLettered());
        assertTrue(kafka.completeNext());
        assertEquals(Decision.COMPLETE, settled.join());
        assertEquals(1, counters.deadLettered());
        assertEquals(List.of("WARN Task failed: topic topic, partition 3, offset 42: wasm trap: unreachable "
                + "(tried 3 times; now in the dead-letter topic dead)"), log.lines());
        assertNull(settlement.stopReason());
    }

    @Test
    void refusedDeadLettersStopEverything() {
        CompletableFuture<Decision> settled = settlement.settle(TASK, TRAP, 3, Verdict.DEAD_LETTER);
        assertTrue(kafka.errorNext(new RecordTooLargeException("too large")));
        assertEquals(Decision.STOP, settled.join());
        assertEquals(0, counters.deadLettered());
        assertEquals(1, counters.stopped());
        assertEquals("task topic-3@42 failed, and the dead-letter topic dead did not take it: too large",
                settlement.stopReason());
    }

    @Test
    void unsendableDeadLettersStopEverything() {
        kafka.close();
        assertEquals(Decision.STOP, settlement.settle(TASK, TRAP, 3, Verdict.DEAD_LETTER).join());
        assertTrue(settlement.stopReason().contains("did not take it"), settlement.stopReason());
    }

    @Test
    void deadLettersWithoutATopicStopEverything() {
        RunContext none = new RunContext((task, failure, attempts) -> Verdict.DEAD_LETTER, counters);
        assertEquals(Decision.STOP, none.settlement().settle(TASK, TRAP, 1, Verdict.DEAD_LETTER).join());
    }

    @Test
    void stopsAreErrorsWithFramesAndKeepTheFirstReason() {
        assertEquals(Decision.STOP, settlement.settle(TASK, TRAP, 1, new Verdict.Stop("somebody said so")).join());
        Task second = new Task("unknown", -1, -1, null);
        assertEquals(Decision.STOP, settlement.settle(second, new Outcome.Failed(Outcome.Kind.DEADLINE, "too slow", ""),
                1, new Verdict.Stop("so it is")).join());
        assertEquals(List.of(
                "ERROR Task failed: topic topic, partition 3, offset 42: wasm trap: unreachable (tried once; somebody "
                        + "said so)\n    0: inner\n    1: outer",
                "ERROR Task failed: topic unknown, partition unknown, offset unknown: too slow (tried once; so it is)"),
                log.lines());
        assertEquals("task topic-3@42 failed, and somebody said so", settlement.stopReason());
        assertEquals(2, counters.stopped());
    }

    @Test
    void linesHaveThePlaceOfTheirTaskInTheMdc() {
        MDC.put("topic", "of the caller");
        try {
            settlement.settle(TASK, TRAP, 1, new Verdict.Stop("somebody said so")).join();
            settlement.settle(TASK, TRAP, 1, Verdict.SKIP).join();
            settlement.settle(new Task("unknown", -1, -1, null), TRAP, 1, Verdict.SKIP).join();
            assertEquals("of the caller", MDC.get("topic"));
        } finally {
            MDC.clear();
        }
        Map<String, String> place = Map.of("topic", "topic", "partition", "3", "offset", "42");
        assertEquals(List.of(place, place, Map.of("topic", "unknown")), log.contexts());
    }

    @Test
    void shutdownEndsAllWaits() throws Exception {
        assertTrue(context.shutdown().pause(Duration.ZERO, () -> false));
        assertFalse(context.shutdown().hasBegun());
        context.shutdown().begin();
        assertTrue(context.shutdown().hasBegun());
        assertFalse(context.shutdown().pause(Duration.ofDays(1), () -> false), "at once, or this test takes a day");
    }
}
