package io.github.wasmton.internal.engine.streams;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.function.BiFunction;
import java.util.stream.IntStream;

import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;

import io.github.wasmton.guest.Task;
import io.github.wasmton.internal.engine.Decision;
import io.github.wasmton.internal.engine.Effects;
import io.github.wasmton.internal.engine.Engine;
import io.github.wasmton.internal.engine.StateConfig;
import io.github.wasmton.testing.Await;
import io.github.wasmton.testing.SmallDisk;
import io.github.wasmton.testing.TestKafka;

/** A store on a disk that becomes full ends the engine, and nothing is lost: another disk continues. */
class FullStateDiskTest extends StoreFixture {
    private static final int COUNT = 30_000;
    private static final StateConfig ON_DISK = stores(new StateConfig.Store("one", null, true));

    @Test
    void fullDiskEndsTheEngineAndLosesNothing() throws Exception {
        Path disk = SmallDisk.mount(directory.resolve("disk"), "8m");
        byte[] value = new byte[1_000];
        // Each key comes twice. The second time the store has it, whatever happened in between.
        BiFunction<Task, Effects, Decision> decide = (task, effects) -> {
            boolean again = effects.state().get(0, task.key()) != null;
            effects.state().set(0, task.key(), value);
            effects.produce(new ProducerRecord<>(out, null, bytes(text(task.key()) + (again ? " again" : " first"))));
            return Decision.COMPLETE;
        };
        for (int i = 0; i < 2 * COUNT; i++) {
            TestKafka.sendAsync(topic, i % 2, bytes("key-" + i % COUNT), bytes("x"));
        }
        TestKafka.flush();
        try {
            settings.put("state.dir", disk.toString());
            try (Engine engine = start(ON_DISK, true, decide)) {
                String reason = Await.result("the end", engine.ended());
                assertTrue(reason.contains("No space left on device") && reason.contains(disk.toString()), reason);
                engine.close(Await.LIMIT);
            }
        } finally {
            SmallDisk.unmount(disk);
        }
        assertFalse(TestKafka.records(out).size() >= 2 * COUNT, "the disk was too large");
        settings.put("state.dir", directory.resolve("other").toString());
        try (Engine engine = start(ON_DISK, true, decide)) {
            Await.until("every output", () -> TestKafka.committed("group-" + topic, topic).values().stream()
                    .mapToLong(Long::longValue).sum() == 2L * COUNT || engine.ended().isDone());
            assertTrue(engine.close(Await.LIMIT), "closed in time");
            assertFalse(engine.ended().isDone(), "it did not end by itself");
        }
        List<String> expected = IntStream.range(0, COUNT).boxed()
                .flatMap(i -> List.of("key-" + i + " again", "key-" + i + " first").stream()).sorted().toList();
        assertEquals(expected, TestKafka.records(out).stream().map(record -> text(record.value())).sorted().toList());
    }
}
