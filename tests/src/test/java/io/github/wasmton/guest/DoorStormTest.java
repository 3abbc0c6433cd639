package io.github.wasmton.guest;

import java.nio.file.Path;

import io.github.wasmton.testing.ChildJvm;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Promise: whatever comes through a door, the JVM goes on. {@code ./gradlew stress} does this for longer. */
@Tag("own-jvm")
class DoorStormTest {
    private static final String SECONDS = "10";

    @Test
    void doorsHoldInAStorm(@TempDir Path directory) {
        new ChildJvm("-Xmx512m").run(DoorStorm.class, SECONDS, directory.toString()).succeeded();
    }

    /** Descriptors, threads and address space are short; that must be errors of the guests or exceptions, too. */
    @Test
    void doorsHoldWhereDescriptorsAreShort(@TempDir Path directory) {
        new ChildJvm("-Xmx512m").under("sh", "-c", "ulimit -n 400; exec \"$0\" \"$@\"")
                .run(DoorStorm.class, SECONDS, directory.toString()).succeeded();
    }
}
