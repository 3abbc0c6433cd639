package io.github.wasmton.decaton;

import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import io.github.wasmton.guest.GuestModule;
import io.github.wasmton.guest.GuestOptions;
import io.github.wasmton.guest.InvalidGuestException;
import io.github.wasmton.testing.Guests;

class SharedModulesTest {
    @TempDir
    Path directory;
    private Path wasm;

    @BeforeEach
    void write() throws Exception {
        wasm = Files.writeString(directory.resolve("guest.wat"), Guests.TRAPS_AT_F);
    }

    @Test
    void compilesAFileOnceAndClosesItWithItsLastUser() {
        GuestModule first = SharedModules.acquire(wasm, GuestOptions.DEFAULT);
        GuestModule second = SharedModules.acquire(directory.resolve("./guest.wat"), GuestOptions.DEFAULT);
        assertSame(first, second);
        SharedModules.release(first);
        second.instantiate().close();
        SharedModules.release(second);
        assertThrows(IllegalStateException.class, second::instantiate);

        GuestModule third = SharedModules.acquire(wasm, GuestOptions.DEFAULT);
        assertNotSame(first, third);
        SharedModules.release(third);
    }

    @Test
    void otherOptionsGetAnotherModule() {
        GuestModule one = SharedModules.acquire(wasm, GuestOptions.DEFAULT);
        GuestModule other = SharedModules.acquire(wasm, GuestOptions.DEFAULT.withDeadline(Duration.ofSeconds(1)));
        assertNotSame(one, other);
        SharedModules.release(one);
        other.instantiate().close();
        SharedModules.release(other);
    }

    @Test
    void failedLoadsLeaveNothingBehind() throws Exception {
        Files.writeString(wasm, "(module)");
        assertThrows(InvalidGuestException.class, () -> SharedModules.acquire(wasm, GuestOptions.DEFAULT));
        Files.writeString(wasm, Guests.TRAPS_AT_F);
        SharedModules.release(SharedModules.acquire(wasm, GuestOptions.DEFAULT));
    }
}
