package io.github.wasmton.wasmtime.wasi;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.charset.StandardCharsets;

import org.junit.jupiter.api.Test;

class CaptureTest {
    private static final byte[] ABC = {'a', 'b', 'c'};

    @Test
    void keepsOutput() throws Exception {
        try (Capture capture = new Capture(Integer.MAX_VALUE)) {
            capture.write(ABC);
            capture.write('d');
            capture.write(ABC, 1, 1);
            capture.write("\u4e16".getBytes(StandardCharsets.UTF_8));
            assertEquals("abcdb\u4e16", capture.text());
            assertEquals(8, capture.bytes().length);
            assertEquals(0, capture.dropped());
        }
    }

    @Test
    void dropsAndCountsBytesBeyondItsLimit() throws Exception {
        Capture capture = new Capture(4);
        capture.write(ABC);
        capture.write(ABC);
        capture.write(ABC);
        assertEquals("abca", capture.text());
        assertEquals(5, capture.dropped());
        capture.reset();
        assertEquals("", capture.text());
        assertEquals(0, capture.dropped());
        capture.write(ABC);
        assertEquals("abc", capture.text());
    }

    @Test
    void keepsNothingWithALimitOfZero() throws Exception {
        Capture capture = new Capture(0);
        capture.write(ABC);
        assertArrayEquals(new byte[0], capture.bytes());
        assertEquals(3, capture.dropped());
        assertThrows(IllegalArgumentException.class, () -> new Capture(-1));
    }

    @Test
    void returnsCopies() throws Exception {
        Capture capture = new Capture(10);
        capture.write(ABC);
        capture.bytes()[0] = 'x';
        assertEquals("abc", capture.text());
    }

    @Test
    void rejectsARangeOutsideTheArray() {
        assertThrows(IndexOutOfBoundsException.class, () -> new Capture(10).write(ABC, 2, 2));
        assertThrows(IndexOutOfBoundsException.class, () -> new Capture(0).write(ABC, -1, 2));
    }
}
