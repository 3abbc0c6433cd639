package io.github.wasmton.guest;

import java.nio.file.Path;

import io.github.wasmton.testing.ChildJvm;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Promise: whatever comes through a door, the JVM goes on. {@code ./gradlew stress} does this for longer. */
@Tag("own-jvm")
class DoorStormTest {
    private static final String SECONDS = "10";

    @Test
    void doorsHoldInAStorm(@TempDir Path directory) {
        new ChildJvm("-Xmx512m").run(DoorStorm.class, SECONDS, directory.toString()).succeeded();
    }

    /** Checks that a lack is an error of the guests or an exception, too. */
    @ParameterizedTest
    @ValueSource(strings = {"ulimit -n 400", "ulimit -v 30000000", "ulimit -u 4000"})
    void doorsHoldWhereTheSystemGivesLess(String limit, @TempDir Path directory) {
        ChildJvm.Result result = new ChildJvm("-Xmx256m", "-XX:ReservedCodeCacheSize=64m")
                .under("sh", "-c", limit + "; exec \"$0\" \"$@\"")
                .run(DoorStorm.class, SECONDS, directory.toString()).succeeded();
        System.out.println(limit + ": " + result.out());
    }
}
