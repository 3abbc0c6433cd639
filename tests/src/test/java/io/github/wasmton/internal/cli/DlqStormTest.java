package io.github.wasmton.internal.cli;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;

import org.junit.jupiter.api.Test;

/** Promise: no record keeps {@code wasmton dlq} from showing it. {@code ./gradlew stress} does this for longer. */
class DlqStormTest {
    @Test
    void randomRecordsAreShown() {
        long seed = Long.getLong("wasmton.fuzz.seed", System.nanoTime());
        System.out.println("storm of dead letters: -Dwasmton.fuzz.seed=" + seed);
        assertTrue(DlqStorm.storm(seed, Duration.ofSeconds(5)) > 100);
    }
}
