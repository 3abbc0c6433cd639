package io.github.wasmton.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;

import org.junit.jupiter.api.Test;

class OutcomeTest {
    @Test
    void failureHasKindReasonAndBacktrace() {
        Outcome.Failed failed = new Outcome.Failed(Outcome.Kind.TRAP, "reason", "frames");
        assertEquals(Outcome.Kind.TRAP, failed.kind());
        assertEquals("reason", failed.reason());
        assertEquals("frames", failed.backtrace());
        assertThrows(NullPointerException.class, () -> new Outcome.Failed(null, "", ""));
        assertThrows(NullPointerException.class, () -> new Outcome.Failed(Outcome.Kind.TRAP, null, ""));
        assertThrows(NullPointerException.class, () -> new Outcome.Failed(Outcome.Kind.TRAP, "", null));
    }

    @Test
    void successesAreEqual() {
        assertEquals(Outcome.DONE, new Outcome.Done(List.of()));
    }

    @Test
    void kindsThatInterruptedTheGuestEndItsInstance() {
        for (Outcome.Kind kind : Outcome.Kind.values()) {
            boolean returned = List.of("REFUSED", "RETRY", "DEAD_LETTER", "SKIP", "FATAL", "NOT_TAKEN")
                    .contains(kind.name());
            assertEquals(!returned, kind.endsInstance(), kind.name());
        }
    }
}
