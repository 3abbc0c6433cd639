package io.github.wasmton.wasmtime.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Code is taken only from directories that nobody else can write to or replace. */
class PrivateDirectoryTest {
    @TempDir
    private Path directory;
    private Path shared;

    @BeforeEach
    void makeShared() throws Exception {
        shared = Files.createDirectory(directory.resolve("shared"));
    }

    private void mode(String permissions) throws Exception {
        Files.setPosixFilePermissions(shared, PosixFilePermissions.fromString(permissions));
    }

    private AccessDeniedException refused(String below) {
        return assertThrows(AccessDeniedException.class, () -> PrivateDirectory.at(shared.resolve(below)));
    }

    @Test
    void directoryOfThisUserIsAccepted() throws Exception {
        PrivateDirectory accepted = PrivateDirectory.at(shared.resolve("a/b"));
        assertEquals(accepted, PrivateDirectory.at(shared.resolve("a/b")));
    }

    /** Whoever may write to a directory can exchange those in it between the check and the load. */
    @Test
    void ancestorThatOthersMayWriteToIsRefused() throws Exception {
        Files.createDirectories(shared.resolve("own/code"));
        for (String permissions : new String[] {"rwxrwxrwx", "rwxrwxr-x", "rwx----w-"}) {
            mode(permissions);
            assertTrue(refused("own").getMessage().contains("other users may write to it"));
            assertEquals(shared.toRealPath().toString(), refused("own/code").getFile());
        }
        mode("rwxr-xr-x");
        PrivateDirectory.at(shared.resolve("own/code"));
    }

    /** The sticky bit lets others add entries but not replace this user's. */
    @Test
    void ancestorWithTheStickyBitIsAccepted() throws Exception {
        assertEquals(0, new ProcessBuilder("chmod", "1777", shared.toString()).inheritIO().start().waitFor());
        PrivateDirectory.at(shared.resolve("own"));
        assertThrows(AccessDeniedException.class, () -> PrivateDirectory.at(shared));
    }

    /** macOS has no /proc: there a new file tells whose process this is. */
    @Test
    void newFilesTellTheUserOfThisProcess() throws Exception {
        assertEquals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"), PrivateDirectory.ownerOfNewFiles());
    }

    @Test
    void linkIsFollowedToTheDirectoryThatCounts() throws Exception {
        Path own = Files.createDirectory(directory.resolve("own"));
        Path link = Files.createSymbolicLink(shared.resolve("link"), own);
        mode("rwxrwxrwx");
        assertEquals(own.toRealPath(), PrivateDirectory.at(link).path());
        Path back = Files.createSymbolicLink(own.resolve("back"), Files.createDirectory(shared.resolve("x")));
        assertThrows(AccessDeniedException.class, () -> PrivateDirectory.at(back));
    }
}
