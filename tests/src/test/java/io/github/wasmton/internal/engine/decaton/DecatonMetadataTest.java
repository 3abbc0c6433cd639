package io.github.wasmton.internal.engine.decaton;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.junit.jupiter.api.Test;

import io.github.wasmton.guest.Task;
import io.github.wasmton.internal.engine.Decision;
import io.github.wasmton.internal.engine.EngineConfig;
import io.github.wasmton.internal.engine.TaskProcessor;
import io.github.wasmton.internal.kafka.KafkaSettings;
import io.github.wasmton.testing.Await;
import io.github.wasmton.testing.TestKafka;

/** The engine honours the metadata that Decaton's client gives to a task. */
class DecatonMetadataTest {
    private final Queue<Seen> seen = new ConcurrentLinkedQueue<>();

    private record Seen(Task task, long at) {}

    @Test
    void tasksKeepTheirTimestampAndCountTheirRetries() throws Exception {
        Task task = process(metadata(1, 1_234), metadata(2, "app"), metadata(3, "host-1"), metadata(4, 2)).task;
        assertEquals(1_234, task.timestamp());
        assertEquals(3, task.attempt());
    }

    @Test
    void scheduledTasksWaitForTheirTime() throws Exception {
        long time = System.currentTimeMillis() + 1_500;
        assertTrue(process(metadata(5, time), metadata(1, 5)).at >= time);
    }

    @Test
    void tasksWithoutMetadataHaveTheirRecordsTimestamp() throws Exception {
        Task task = process().task;
        assertEquals(77, task.timestamp());
        assertEquals(1, task.attempt());
    }

    @Test
    void skipsFieldsOfLaterVersions() throws Exception {
        assertEquals(4, process(metadata(9, 1), metadata(8, "later"), metadata(4, 3)).task.attempt());
    }

    @Test
    void ignoresAHeaderThatIsNotDecatons() throws Exception {
        assertEquals(77, process("not protobuf".getBytes(UTF_8)).task.timestamp());
    }

    private Seen process(byte[]... fields) throws Exception {
        String topic = TestKafka.newTopic(1);
        List<Header> headers = new ArrayList<>();
        if (fields.length > 0) {
            ByteArrayOutputStream message = new ByteArrayOutputStream();
            for (byte[] field : fields) {
                message.write(field);
            }
            headers.add(new RecordHeader("dt_meta", message.toByteArray()));
        }
        TestKafka.send(new ProducerRecord<>(topic, 0, 77L, null, "task".getBytes(UTF_8), headers));
        EngineConfig config = new EngineConfig(TestKafka.bootstrapServers(), topic, "group-" + topic, 1,
                KafkaSettings.NONE, () -> new TaskProcessor() {
                    @Override
                    public Decision process(Task task) {
                        seen.add(new Seen(task, System.currentTimeMillis()));
                        return Decision.COMPLETE;
                    }

                    @Override
                    public void close() {}
                });
        try (DecatonEngine engine = new DecatonEngine(config)) {
            engine.start();
            Await.until("the task", () -> !seen.isEmpty());
        }
        return seen.remove();
    }

    private static byte[] metadata(int field, long value) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        varint((long) field << 3, bytes);
        varint(value, bytes);
        return bytes.toByteArray();
    }

    private static byte[] metadata(int field, String value) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        varint((long) field << 3 | 2, bytes);
        varint(value.length(), bytes);
        bytes.writeBytes(value.getBytes(UTF_8));
        return bytes.toByteArray();
    }

    private static void varint(long value, ByteArrayOutputStream bytes) {
        for (long left = value; ; left >>>= 7) {
            if (left < 0x80) {
                bytes.write((int) left);
                return;
            }
            bytes.write((int) (left & 0x7f | 0x80));
        }
    }
}
