package io.github.wasmton.guest;

import static io.github.wasmton.testing.TestGuests.guest;
import static io.github.wasmton.testing.TestGuests.task;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Map;

import ch.qos.logback.classic.Level;
import io.github.wasmton.testing.GuestLogCapture;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests the counters of a guest's own, in a component and in a core module. */
class GuestCountsTest {
    @ParameterizedTest
    @ValueSource(strings = {"probe", "probe-rust"})
    void instancesCountTogetherHoweverTasksEnd(String name) {
        GuestModule module = GuestModule.load(guest(name), GuestOptions.DEFAULT);
        try (module; Guest one = module.instantiate(); Guest other = module.instantiate()) {
            assertSame(Outcome.DONE, one.process(task("count-up a 1")));
            assertSame(Outcome.DONE, other.process(task("count-up a 1")));
            one.process(task("exit 3"));
            one.process(task("retry"));
            assertSame(Outcome.DONE, one.process(task("count-up b 0")));
            assertEquals(Map.of("a", 2L, "b", 0L), module.counts());
        }
        assertThrows(IllegalStateException.class, module::counts);
    }

    @ParameterizedTest
    @ValueSource(strings = {"probe", "probe-rust"})
    void refusedNamesAreLoggedAndTheTaskGoesOn(String name) {
        try (GuestLogCapture log = new GuestLogCapture(Level.INFO);
                GuestModule module = GuestModule.load(guest(name), GuestOptions.DEFAULT);
                Guest guest = module.instantiate()) {
            assertSame(Outcome.DONE, guest.process(task("count-up a{b 1")));
            assertEquals(List.of("nothing was counted as 'a{b': the name of a counter has letters, digits, '_', '-' and"
                    + " '.', up to 100"), log.take());
            for (int i = 0; i < 100; i++) {
                assertSame(Outcome.DONE, guest.process(task("count-up n" + i + " 1")));
            }
            assertSame(Outcome.DONE, guest.process(task("count-up m 1")));
            assertEquals(List.of("nothing was counted as 'm': the guest has 100 counters and may have no more"),
                    log.take());
            assertEquals(100, module.counts().size());
        }
    }
}
