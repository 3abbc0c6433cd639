package io.github.wasmton.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;

import ch.qos.logback.classic.Level;
import io.github.wasmton.testing.GuestLogCapture;
import org.junit.jupiter.api.Test;

/** Lines of guests on their way to the log. */
class GuestLogTest {
    @Test
    void lineOfAGuestStaysOneLine() {
        try (GuestLogCapture log = new GuestLogCapture(Level.INFO)) {
            GuestLog.write("topic-0@7", new String[] {"not a line", "WARN", "fine\n2026 ERROR forged\u001b[2J"}, 1);
            assertEquals(List.of("WARN topic-0@7: fine\\n2026 ERROR forged\\u{1b}[2J"), log.lines());
        }
    }
}
