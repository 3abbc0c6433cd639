package io.github.wasmton.internal.engine.streams;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;

import ch.qos.logback.classic.Level;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.processor.StandbyUpdateListener.SuspendReason;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import io.github.wasmton.testing.Await;
import io.github.wasmton.testing.LogCapture;
import io.github.wasmton.testing.TestKafka;

class StateProgressTest extends StoreFixture {
    private static final TopicPartition PLACE = new TopicPartition("changelog", 3);

    private final StateProgress progress = new StateProgress(List.of());

    @Test
    void metersCountWhatIsLeftToRestore() {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        progress.bindTo(registry);
        try (LogCapture log = new LogCapture(StateProgress.class.getName(), Level.INFO)) {
            progress.onRestoreStart(PLACE, "one", 10, 110);
            progress.onRestoreStart(new TopicPartition("changelog", 4), "one", 0, 7);
            assertEquals(107, registry.get("wasmton.state.restoring.records").gauge().value());
            progress.onBatchRestored(PLACE, "one", 69, 60);
            assertEquals(47, registry.get("wasmton.state.restoring.records").gauge().value());
            progress.onRestoreSuspended(new TopicPartition("changelog", 4), "one", 0);
            progress.onRestoreEnd(PLACE, "one", 100);
            assertEquals(0, registry.get("wasmton.state.restoring.records").gauge().value());
            assertTrue(log.lines().get(0).startsWith("INFO Restored changelog-3 from offset 10: 100 records in "),
                    log.lines().toString());
            assertEquals(1, log.lines().size());
        }
    }

    @Test
    void meterCountsWhatStandbysLack() {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        progress.bindTo(registry);
        progress.onUpdateStart(PLACE, "one", 0);
        progress.onBatchLoaded(PLACE, "one", null, 59, 60, 100);
        assertEquals(40, registry.get("wasmton.state.standby.behind.records").gauge().value());
        progress.onUpdateSuspended(PLACE, "one", 60, 100, SuspendReason.PROMOTED);
        assertEquals(0, registry.get("wasmton.state.standby.behind.records").gauge().value());
    }

    /** A process that had a standby copy goes on with it; without one it reads the changelog from its beginning. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void standbyTakesOverWithoutReadingTheChangelogAgain(int standbys) throws Exception {
        settings.put("num.standby.replicas", Integer.toString(standbys));
        int keys = 10;
        int count = 4_000;
        send(0, count, keys);
        settings.put("state.dir", directory.resolve("first").toString());
        try (TopologyEngine first = (TopologyEngine) start(ONE, false, this::count)) {
            assertCounted(count, keys);
            settings.put("state.dir", directory.resolve("second").toString());
            try (LogCapture log = new LogCapture(StateProgress.class.getName(), Level.INFO);
                 TopologyEngine second = (TopologyEngine) start(ONE, false, this::count)) {
                Await.until("both to be ready", () -> first.ready() && second.ready());
                // The first one's copy is the store that it had before, so it has nothing to read.
                Await.until("the second to have a copy of the first one's partition", () -> standbys == 0
                        || second.progress().standbys() == 1 && second.progress().behind() == 0);
                int restored = log.lines().size();
                assertTrue(first.close(Await.LIMIT), "closed in time");
                send(count, 2 * count, keys);
                assertCounted(2 * count, keys);
                List<String> lines = log.lines().subList(restored, log.lines().size());
                assertEquals(standbys == 0, lines.stream().anyMatch(line -> line.contains("from offset 0: ")),
                        lines.toString());
                assertTrue(second.close(Await.LIMIT), "closed in time");
            }
        }
        assertEquals(2L * count, TestKafka.committed("group-" + topic, topic).values().stream()
                .mapToLong(Long::longValue).sum());
    }
}
