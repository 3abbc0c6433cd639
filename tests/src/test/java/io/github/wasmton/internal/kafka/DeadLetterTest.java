package io.github.wasmton.internal.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.StreamSupport;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.Test;

import io.github.wasmton.guest.Outcome;
import io.github.wasmton.guest.Task;

class DeadLetterTest {
    private static final Outcome.Failed TRAP =
            new Outcome.Failed(Outcome.Kind.NOT_TAKEN, "reason: ä", "    0: inner\n    1: outer");

    @Test
    void readsWhatItWrote() {
        Task task = new Task("topic", 3, 42, 1_700_000_000_000L, "key".getBytes(UTF_8), "value".getBytes(UTF_8),
                List.of(), 1);
        Instant before = Instant.now();
        DeadLetter letter = DeadLetter.of(task, TRAP, 3, "abc");
        DeadLetter read = DeadLetter.read(consumed(letter.record(task, "dead", 1)));
        assertEquals(letter, read);
        assertEquals(new DeadLetter("topic", 3, 42, 1_700_000_000_000L, 3, "not-taken", "reason: ä",
                "    0: inner\n    1: outer", "abc", read.time()), read);
        assertTrue(!read.time().isBefore(before) && !read.time().isAfter(Instant.now()), read.time().toString());
    }

    @Test
    void keyValueAndHeadersStayUnchanged() {
        List<Task.Header> headers = List.of(new Task.Header("a", new byte[] {1}), new Task.Header("b", null),
                new Task.Header("a", new byte[] {2}), new Task.Header("a", new byte[0]));
        Task task = new Task("topic", 3, 42, -1, null, null, headers, 1);
        ProducerRecord<byte[], byte[]> record = DeadLetter.of(task, TRAP, 1, "abc").record(task, "dead", 1);
        assertEquals("dead", record.topic());
        assertEquals(1, record.partition());
        assertNull(record.key());
        assertNull(record.value());
        List<String> kept = new ArrayList<>();
        record.headers().forEach(header -> {
            if (!header.key().startsWith(DeadLetter.PREFIX)) {
                kept.add(header.key() + (header.value() == null ? "null" : header.value().length));
            }
        });
        assertEquals(List.of("a1", "bnull", "a1", "a0"), kept);
        assertArrayEquals(new byte[] {2}, StreamSupport.stream(record.headers().headers("a").spliterator(), false)
                .toList().get(1).value());

        byte[] empty = {};
        Task emptyTask = new Task("topic", 3, 42, -1, empty, empty, List.of(), 1);
        ProducerRecord<byte[], byte[]> other = DeadLetter.of(emptyTask, TRAP, 1, "abc").record(emptyTask, "dead", 1);
        assertArrayEquals(empty, other.key());
        assertArrayEquals(empty, other.value());
    }

    /** Tests the timestamp of a dead letter: Kafka deletes by timestamps, so it must not be the record's old one. */
    @Test
    void timestampIsTheTimeOfTheFailure() {
        Task task = new Task("topic", 3, 42, 5, null, null, List.of(), 1);
        DeadLetter letter = DeadLetter.of(task, TRAP, 1, "abc");
        assertEquals(letter.time().toEpochMilli(), letter.record(task, "dead", 1).timestamp());
        assertEquals(5, letter.timestamp());
    }

    @Test
    void reasonsAndBacktracesAreLimited() {
        Task task = new Task("topic", 3, 42, null);
        Outcome.Failed failure = new Outcome.Failed(Outcome.Kind.TRAP, "r".repeat(100_000), "b".repeat(100_000));
        DeadLetter read = DeadLetter.read(consumed(DeadLetter.of(task, failure, 1, "abc").record(task, "dead", 0)));
        assertEquals("r".repeat(999) + '…', read.reason());
        assertEquals("b".repeat(3_999) + '…', read.backtrace());
    }

    @Test
    void lastOfTwoFailuresCounts() {
        Task task = new Task("topic", 3, 42, null);
        ProducerRecord<byte[], byte[]> first = DeadLetter.of(task, TRAP, 1, "abc").record(task, "dead", 0);
        List<Task.Header> headers = new ArrayList<>();
        first.headers().forEach(header -> headers.add(new Task.Header(header.key(), header.value())));
        Task again = new Task("dead", 0, 7, -1, null, null, headers, 1);
        DeadLetter read = DeadLetter.read(consumed(DeadLetter.of(again, TRAP, 2, "def").record(again, "deader", 0)));
        assertEquals("dead", read.topic());
        assertEquals(7, read.offset());
        assertEquals("def", read.sha256());
    }

    @Test
    void readsNoOtherRecordAsADeadLetter() {
        assertNull(DeadLetter.read(consumed(new ProducerRecord<>("dead", 0, null, new byte[0]))));
        Task task = new Task("topic", 3, 42, null);
        for (String header : List.of("topic", "partition", "offset", "timestamp", "attempts", "kind", "reason",
                "backtrace", "sha256", "time")) {
            ProducerRecord<byte[], byte[]> record = DeadLetter.of(task, TRAP, 1, "abc").record(task, "dead", 0);
            assertNotNull(record.headers().lastHeader(DeadLetter.PREFIX + header), header);
            record.headers().remove(DeadLetter.PREFIX + header);
            assertNull(DeadLetter.read(consumed(record)), "without " + header);
        }
        ProducerRecord<byte[], byte[]> record = DeadLetter.of(task, TRAP, 1, "abc").record(task, "dead", 0);
        record.headers().add(DeadLetter.PREFIX + "time", "yesterday".getBytes(UTF_8));
        assertNull(DeadLetter.read(consumed(record)));
        record.headers().add(DeadLetter.PREFIX + "time", null);
        assertNull(DeadLetter.read(consumed(record)));
    }

    private static ConsumerRecord<byte[], byte[]> consumed(ProducerRecord<byte[], byte[]> record) {
        return new ConsumerRecord<>(record.topic(), record.partition(), 0, 0, TimestampType.CREATE_TIME, -1, -1,
                record.key(), record.value(), new RecordHeaders(record.headers().toArray()), Optional.empty());
    }
}
