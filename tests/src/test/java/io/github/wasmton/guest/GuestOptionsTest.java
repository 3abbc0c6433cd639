package io.github.wasmton.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import io.github.wasmton.wasmtime.wasi.WasiConfig;

class GuestOptionsTest {
    @Test
    void defaultGrantsNothingAndTenSeconds() {
        assertEquals(Duration.ofSeconds(10), GuestOptions.DEFAULT.deadline());
        assertSame(WasiConfig.EMPTY, GuestOptions.DEFAULT.wasi());
    }

    @Test
    void eachWitherChangesOneThing() {
        WasiConfig wasi = new WasiConfig(List.of(), Map.of("A", "b"), List.of());
        GuestOptions options = GuestOptions.DEFAULT.withWasi(wasi).withDeadline(Duration.ofMillis(5));
        assertSame(wasi, options.wasi());
        assertEquals(Duration.ofMillis(5), options.deadline());
        assertEquals(Duration.ofSeconds(10), GuestOptions.DEFAULT.deadline());
    }

    @ParameterizedTest
    @ValueSource(strings = {"PT0S", "PT-1S", "P367D", "PT2562047788015215H"})
    void rejectsAnImplausibleDeadline(Duration deadline) {
        assertThrows(IllegalArgumentException.class, () -> GuestOptions.DEFAULT.withDeadline(deadline));
    }

    @Test
    void acceptsTheShortestAndTheLongestDeadline() {
        assertEquals(Duration.ofNanos(1), GuestOptions.DEFAULT.withDeadline(Duration.ofNanos(1)).deadline());
        assertEquals(Duration.ofDays(366), GuestOptions.DEFAULT.withDeadline(Duration.ofDays(366)).deadline());
    }
}
