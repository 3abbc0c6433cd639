package io.github.wasmton.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.util.List;

import org.junit.jupiter.api.Test;

class TaskTest {
    @Test
    void namesItsRecordAsKafkasToolsDo() {
        assertEquals("orders-3@42", new Task("orders", 3, 42, new byte[0]).toString());
    }

    @Test
    void handsItsValueOnWithoutACopy() {
        byte[] value = {1};
        assertSame(value, new Task("topic", 0, 0, value).value());
        assertNull(new Task("topic", 0, 0, null).value());
    }

    @Test
    void anotherAttemptKeepsTheRecord() {
        Task task = new Task("topic", 1, 2, 3, new byte[] {4}, new byte[] {5}, List.of(), 1);
        assertEquals(new Task("topic", 1, 2, 3, task.key(), task.value(), List.of(), 7), task.withAttempt(7));
    }
}
