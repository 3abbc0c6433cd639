package io.github.wasmton.testing;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

import io.github.wasmton.guest.Task;

/** The guests that the build made of samples/ and tests/guests/, and tasks for them. */
public final class TestGuests {
    private TestGuests() {
    }

    /** The file of a guest, by the name of its folder. */
    public static Path guest(String name) {
        return Path.of(System.getProperty("wasmton.test.guests"), name + ".wasm");
    }

    /** A task with that text as its value. */
    public static Task task(String value) {
        return new Task("topic", 0, 7, value.getBytes(StandardCharsets.UTF_8));
    }
}
