package io.github.wasmton.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.time.Duration;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import io.github.wasmton.testing.Wasm;

/** Tests {@code tests/guests/hostile}: panics, aborts and endless recursion as a real toolchain compiles them. */
class RustGuestTest {
    private GuestModule module;
    private Guest guest;

    @BeforeEach
    void load() {
        module = GuestModule.load(Wasm.built("hostile"), GuestOptions.DEFAULT.withDeadline(Duration.ofSeconds(1)));
        guest = module.instantiate();
    }

    @AfterEach
    void close() {
        guest.close();
        module.close();
    }

    private Outcome process(String misdeed) {
        return guest.process(new Task("topic", 0, 0, misdeed.getBytes(StandardCharsets.UTF_8)));
    }

    @ParameterizedTest
    @CsvSource({
        "panic, TRAP, unreachable",
        "index, TRAP, unreachable",
        "abort, TRAP, unreachable",
        "recurse, TRAP, call stack exhausted",
        "big array, TRAP, out of bounds memory access",
        "allocate, MEMORY, GuestLimits.memory",
        "exit, EXIT, status 3",
        "loop, DEADLINE, did not return within 1s",
    })
    void faultFailsOneTaskAndTheNextSucceeds(String misdeed, Outcome.Kind kind, String reason) {
        assertSame(Outcome.DONE, process("nothing"));
        Outcome.Failed failed = assertInstanceOf(Outcome.Failed.class, process(misdeed));
        assertEquals(kind, failed.kind(), failed.reason());
        assertTrue(failed.reason().contains(reason), failed.reason());
        if (kind != Outcome.Kind.EXIT) {
            assertTrue(failed.backtrace().contains("hostile.wasm!"), failed.backtrace());
        }
        assertSame(Outcome.DONE, process("nothing"));
    }

    @Test
    void eachFailureStartsAFreshInstance() {
        for (int i = 1; i <= 3; i++) {
            assertEquals(i, count());
        }
        process("panic");
        assertEquals(1, count());
        assertEquals(2, count());
    }

    private int count() {
        return Integer.parseInt(assertInstanceOf(Outcome.Failed.class, process("count")).reason()
                .replace("run returned ", ""));
    }
}
