package io.github.wasmton.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Access to the guests' files. */
final class Guests {
    private Guests() {}

    /** Returns a guest of {@code bench/guests} in the text format. */
    static Path text(String name) {
        return Path.of(System.getProperty("wasmton.project.dir"), "bench", "guests", name + ".wat");
    }

    /** Returns a guest of {@code samples} or {@code tests/guests}, as Gradle built it. */
    static Path built(String name) {
        return Path.of(System.getProperty("wasmton.bench.guests"), name + ".wasm");
    }

    static byte[] read(Path guest) {
        try {
            return Files.readAllBytes(guest);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
