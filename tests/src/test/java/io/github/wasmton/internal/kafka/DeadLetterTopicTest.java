package io.github.wasmton.internal.kafka;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.apache.kafka.clients.producer.MockProducer;
import org.junit.jupiter.api.Test;

import io.github.wasmton.internal.run.SettlementTest;
import io.github.wasmton.guest.Outcome;
import io.github.wasmton.guest.Task;

class DeadLetterTopicTest {
    private final MockProducer<byte[], byte[]> kafka = SettlementTest.producer();
    private final DeadLetterTopic letters = new DeadLetterTopic(new RecordSender(kafka), "dead", "abc");

    /** The topic has two partitions. */
    @Test
    void lettersOfOnePartitionStayTogether() {
        for (int partition = -1; partition < 4; partition++) {
            letters.send(new Task("topic", partition, 0, null), new Outcome.Failed(Outcome.Kind.TRAP, "", ""), 1);
        }
        assertEquals("[0, 0, 1, 0, 1]", kafka.history().stream().map(record -> record.partition()).toList().toString());
        assertEquals("dead", kafka.history().get(0).topic());
        assertEquals("dead", letters.topic());
    }

    @Test
    void deadLettersAreThereWhenKafkaSaysSo() {
        var sent = letters.send(new Task("topic", 0, 0, null), new Outcome.Failed(Outcome.Kind.TRAP, "", ""), 1);
        assertFalse(sent.isDone());
        assertTrue(kafka.completeNext());
        assertTrue(sent.isDone() && !sent.isCompletedExceptionally());
    }
}
