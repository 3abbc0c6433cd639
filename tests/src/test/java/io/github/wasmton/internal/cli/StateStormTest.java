package io.github.wasmton.internal.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Promise: no count is lost or doubled, whichever process dies. It runs with {@code -PallGuests} only: once in a run of
 * all tests nothing came out for 300 s after a SIGTERM, for a reason that is not known yet. {@code ./gradlew
 * stressState} does it for longer.
 */
@EnabledIfSystemProperty(named = "wasmton.test.allGuests", matches = "true")
class StateStormTest {
    @TempDir
    Path directory;

    static List<String> guests() {
        return List.of("count", "count-component", "count-go", "count-python");
    }

    @ParameterizedTest
    @MethodSource("guests")
    @Timeout(value = 1, unit = TimeUnit.HOURS)  // a busy machine needs a minute for each round
    void killsLoseAndDoubleNoCount(String guest) throws Exception {
        int rounds = Integer.getInteger("wasmton.test.rounds", 4);
        StateStorm.storm(guest, rounds, 5_000 * rounds, directory);
    }
}
