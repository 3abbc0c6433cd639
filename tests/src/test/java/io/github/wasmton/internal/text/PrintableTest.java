package io.github.wasmton.internal.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;

import io.github.wasmton.guest.Guest;
import io.github.wasmton.guest.GuestModule;
import io.github.wasmton.guest.GuestOptions;
import io.github.wasmton.guest.InvalidGuestException;
import io.github.wasmton.guest.Outcome;
import io.github.wasmton.guest.Task;
import io.github.wasmton.testing.Wasm;
import org.junit.jupiter.api.Test;

/** Text of guests, modules and records in logs, reasons and errors. */
class PrintableTest {
    private static final String ATTACK = "fine\n2026-01-01 ERROR forged\u001b[2J\u001b]0;owned\u0007";

    private static void assertHarmless(String text) {
        assertTrue(text.contains("forged"), text);
        assertFalse(text.chars().anyMatch(c -> c < ' ' || c == 0x7f), text);
    }

    @Test
    void escapesControlAndDirection() {
        assertEquals("a\\n\\t\\u{1b}[31m\\u{85}\\u{202e}z", Printable.line("a\n\t\u001b[31m\u0085\u202ez"));
        assertEquals("one\ntwo\\r", Printable.lines("one\ntwo\r"));
        String text = "plain text, Ünïcode, 日本";
        assertSame(text, Printable.line(text));
    }

    @Test
    void cutsLongLines() {
        String line = Printable.line("x".repeat(Printable.MAX_LINE + 7));
        assertTrue(line.endsWith("x ... (7 more)"), line);
        assertTrue(Printable.lines("\n".repeat(1 << 20)).length() < 70_000);
    }

    @Test
    void failureQuotesGuestAndRecordInOneLine() {
        Outcome.Failed failed = new Outcome.Failed(Outcome.Kind.SKIP, ATTACK, "at " + ATTACK);
        assertHarmless(failed.reason());
        assertEquals(2, failed.backtrace().lines().count());
        assertFalse(failed.backtrace().contains("\u001b"));
    }

    @Test
    void namesInErrorsAreEscaped() {
        String name = "fine\\0a2026 ERROR forged\\1b[2J";
        for (String module : List.of("(module (import \"" + name + "\" \"" + name + "\" (func)) (memory (export"
                + " \"memory\") 1) (func (export \"run\")))", "(module (func (export \"" + name + "\")))")) {
            InvalidGuestException e = assertThrows(InvalidGuestException.class,
                    () -> Wasm.guest(module, GuestOptions.DEFAULT).close());
            assertHarmless(e.getMessage());
        }
    }

    @Test
    void namesInBacktracesAreEscaped() {
        String trap = "(module (memory (export \"memory\") 1) (func (@name \"forged\\1b[2J\\0a x\") (export \"run\")"
                + " unreachable))";
        try (GuestModule module = Wasm.guest(trap, GuestOptions.DEFAULT); Guest guest = module.instantiate()) {
            Outcome.Failed failed = (Outcome.Failed) guest.process(new Task("t", 0, 0, new byte[0]));
            failed.backtrace().lines().filter(line -> line.contains("forged")).forEach(PrintableTest::assertHarmless);
            assertTrue(failed.backtrace().contains("forged"), failed.backtrace());
        }
    }
}
