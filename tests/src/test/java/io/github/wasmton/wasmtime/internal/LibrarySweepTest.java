package io.github.wasmton.wasmtime.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class LibrarySweepTest {
    private static final Duration FRESH = Duration.ofMinutes(5);
    private static final Duration DAYS = LibrarySweep.TEMPORARY_AGE.plus(FRESH);
    private static final Duration MONTH = LibrarySweep.LIBRARY_AGE.plus(FRESH);
    private static final String CURRENT = "0".repeat(64);
    private static final String OTHER = "abcd".repeat(16);
    private static final BundledLibrary LIBRARY = new BundledLibrary("none", CURRENT, 0, 0);

    @TempDir
    private Path temporary;
    private PrivateDirectory cache;

    @BeforeEach
    void openCache() throws IOException {
        cache = PrivateDirectory.at(temporary.resolve("wasmton"));
    }

    private Path file(String directory, String name, Duration age) throws IOException {
        Path file = cache.sub(directory).path().resolve(name);
        Files.writeString(file, "code");
        return Files.setLastModifiedTime(file, FileTime.from(Instant.now().minus(age)));
    }

    private void sweep() throws IOException {
        LibrarySweep.sweep(cache, LIBRARY);
    }

    @Test
    void deletesALibraryThatNobodyLoadedForAMonth() throws Exception {
        Path old = file(OTHER, LIBRARY.name(), MONTH);
        sweep();
        assertFalse(Files.exists(old.getParent()));
    }

    @Test
    void keepsALibraryThatWasLoadedThisMonth() throws Exception {
        Path other = file(OTHER, LIBRARY.name(), DAYS);
        sweep();
        assertTrue(Files.exists(other));
    }

    @Test
    void keepsTheCurrentLibraryWhateverItsAge() throws Exception {
        Path current = file(CURRENT, LIBRARY.name(), MONTH);
        sweep();
        assertTrue(Files.exists(current));
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void keepsALibraryThatAProcessHasMapped() throws Exception {
        // A directory of its own: the mapping may outlive this test.
        Path old = file("ef01".repeat(16), LIBRARY.name(), MONTH);
        try (FileChannel channel = FileChannel.open(old)) {
            var mapping = channel.map(FileChannel.MapMode.READ_ONLY, 0, 4);
            sweep();
            assertTrue(Files.exists(old));
            assertEquals('c', mapping.get(0));
        }
    }

    @Test
    void deletesTemporaryFilesOfKilledJvms() throws Exception {
        List<Path> left = List.of(file(CURRENT, ".123-" + LIBRARY.name(), DAYS),
                file(OTHER, ".456-" + LIBRARY.name(), DAYS));
        Path writing = file(CURRENT, ".789-" + LIBRARY.name(), FRESH);
        sweep();
        assertEquals(List.of(), left.stream().filter(Files::exists).toList());
        assertTrue(Files.exists(writing));
    }

    @Test
    void leavesFilesAndDirectoriesOfOtherNamesAlone() throws Exception {
        List<Path> strange = List.of(file(OTHER, "notes.txt", MONTH), file("code", LIBRARY.name(), MONTH),
                file(OTHER.toUpperCase(), LIBRARY.name(), MONTH));
        Path old = file(OTHER, LIBRARY.name(), MONTH);
        sweep();
        assertFalse(Files.exists(old));
        assertEquals(strange, strange.stream().filter(Files::exists).toList());
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void refusesADirectoryThatOthersMayWriteTo() throws Exception {
        Path old = file(OTHER, LIBRARY.name(), MONTH);
        Files.setPosixFilePermissions(old.getParent(), PosixFilePermissions.fromString("rwxrwxrwx"));
        assertThrows(AccessDeniedException.class, this::sweep);
        assertTrue(Files.exists(old));
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void followsNoLinks() throws Exception {
        Path elsewhere = Files.createDirectories(temporary.resolve("elsewhere"));
        Path old = Files.move(file(OTHER, LIBRARY.name(), MONTH), elsewhere.resolve(LIBRARY.name()));
        Files.delete(cache.path().resolve(OTHER));
        Files.createSymbolicLink(cache.path().resolve(OTHER), elsewhere);
        sweep();
        assertTrue(Files.exists(old));
    }

    /** Checks that a library in daily use never counts as old. */
    @Test
    void everyUseMarksTheLibrary() throws Exception {
        BundledLibrary bundled = BundledLibrary.find(Platform.current());
        Path file = UnpackedLibrary.in(cache, bundled).file();
        Files.setLastModifiedTime(file, FileTime.from(Instant.now().minus(MONTH)));
        Path old = file(OTHER, LIBRARY.name(), MONTH);
        UnpackedLibrary.in(cache, bundled);
        LibrarySweep.sweep(cache, LIBRARY);
        assertTrue(Files.exists(file));
        assertFalse(Files.exists(old));
    }
}
