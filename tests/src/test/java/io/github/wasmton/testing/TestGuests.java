package io.github.wasmton.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

import io.github.wasmton.guest.Guest;
import io.github.wasmton.guest.GuestModule;
import io.github.wasmton.guest.GuestOptions;
import io.github.wasmton.guest.Outcome;
import io.github.wasmton.guest.Task;
import io.github.wasmton.wasmtime.wasi.NetworkAccess;

/** The guests that the build makes of samples/ and tests/guests/, and tasks for them. */
public final class TestGuests {
    private TestGuests() {
    }

    /**
     * Returns the file of a guest, by the name of its folder. If the build lacked a tool for it, the test is skipped
     * with the reason; in CI such a build fails.
     */
    public static Path guest(String name) {
        Path guests = Path.of(System.getProperty("wasmton.test.guests"));
        Path missing = guests.resolve(name + ".missing");
        if (Files.exists(missing)) {
            try {
                abort("the guest " + name + " was not built: " + Files.readString(missing));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return guests.resolve(name + ".wasm");
    }

    /** Returns a task with that text as its value. */
    public static Task task(String value) {
        return new Task("topic", 0, 7, value.getBytes(StandardCharsets.UTF_8));
    }

    /** Gives tasks in turn to an instance of that guest and returns the last outcome. */
    public static Outcome run(String name, NetworkAccess access, Duration deadline, String... tasks) {
        GuestOptions options = GuestOptions.DEFAULT.withNetwork(access).withDeadline(deadline);
        try (GuestModule module = GuestModule.load(guest(name), options); Guest guest = module.instantiate()) {
            Outcome outcome = null;
            for (String task : tasks) {
                outcome = guest.process(task(task));
            }
            return outcome;
        }
    }

    public static void assertDeadline(Outcome outcome) {
        assertEquals(Outcome.Kind.DEADLINE, ((Outcome.Failed) outcome).kind(), outcome.toString());
    }
}
