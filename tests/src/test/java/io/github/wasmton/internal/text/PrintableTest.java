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
        assertHarmless(failed.backtrace());
        assertEquals("    0: a\n              at b:1:2\n    1: c\\n2026: ERROR",
                Printable.frames("    0: a\n              at b:1:2\n    1: c\n2026: ERROR"));
    }

    @Test
    void namesInBacktracesAreEscaped() {
        String name = "fine\\0a2026-01-01 ERROR forged\\1b[2J";
        String module = "(module $\"" + name + "\""
                + " (import \"decaton\" \"poll_task\" (func (param i64 i32) (result i32)))"
                + " (memory (export \"memory\") 1) (func $\"" + name + "\" (unreachable))"
                + " (func (export \"run\") (call 1)))";
        try (GuestModule loaded = Wasm.guest(module, GuestOptions.DEFAULT); Guest guest = loaded.instantiate()) {
            String backtrace = ((Outcome.Failed) guest.process(new Task("topic", 0, 0, new byte[1]))).backtrace();
            assertTrue(backtrace.contains("forged"), backtrace);
            assertTrue(backtrace.lines().allMatch(line -> line.matches(" +[01]: .*")), backtrace);
            assertEquals(2, backtrace.lines().count());
        }
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
}
