package io.github.wasmton.internal.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Promise: no count is lost or doubled, whichever process dies. {@code -PallGuests} does it in all languages, {@code
 * ./gradlew stressState} for longer, with restarts of a broker.
 */
class StateStormTest {
    @TempDir
    Path directory;

    static List<String> guests() {
        return Boolean.getBoolean("wasmton.test.allGuests")
                ? List.of("count", "count-component", "count-go", "count-python") : List.of("count");
    }

    @ParameterizedTest
    @MethodSource("guests")
    @Timeout(value = 1, unit = TimeUnit.HOURS)  // a busy machine needs a minute for each round
    void killsLoseAndDoubleNoCount(String guest) throws Exception {
        int rounds = Integer.getInteger("wasmton.test.rounds", 4);
        StateStorm.storm(guest, rounds, 5_000 * rounds, true, directory);
    }
}
