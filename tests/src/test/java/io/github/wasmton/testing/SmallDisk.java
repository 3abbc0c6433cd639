package io.github.wasmton.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** A disk that becomes full. Without the right to mount one, the test is skipped. */
public final class SmallDisk {
    private SmallDisk() {}

    /** Mounts a disk of that size, as {@code mount} writes it, in a new folder, and returns that. */
    public static Path mount(Path folder, String size) throws Exception {
        Files.createDirectory(folder);
        assumeTrue(run("mount", "-t", "tmpfs", "-o", "size=" + size, "wasmton-test", folder.toString()) == 0,
                "a disk that gets full needs the right to mount one: run the tests as root");
        return folder;
    }

    /** Unmounts a disk. */
    public static void unmount(Path disk) throws Exception {
        assertEquals(0, run("umount", disk.toString()), "the disk is free again");
    }

    private static int run(String... command) throws Exception {
        try {
            Process process = new ProcessBuilder(command).redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
            assertTrue(process.waitFor(Await.LIMIT.toSeconds(), TimeUnit.SECONDS), "waited for " + command[0]);
            return process.exitValue();
        } catch (IOException e) {
            return -1;  // there is no such command
        }
    }
}
