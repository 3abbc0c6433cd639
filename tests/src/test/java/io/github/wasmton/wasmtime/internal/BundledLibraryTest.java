package io.github.wasmton.wasmtime.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BundledLibraryTest {
    @TempDir
    private Path directory;

    private final BundledLibrary library = BundledLibrary.find(Platform.current());

    @Test
    void missingPlatformIsReportedWithTheOthers() {
        UnsatisfiedLinkError e = assertThrows(UnsatisfiedLinkError.class,
                () -> BundledLibrary.find(new Platform("linux", "s390x", "musl")));
        assertEquals("there is no native library for linux s390x with musl libc on the class path, only for: "
                + Platform.current().folder()
                + ". Add io.github.wasmton:wasmtime-java with the classifier natives-linux-s390x-musl, or build"
                + " the library and name its file by -Dio.github.wasmton.native.path=FILE", e.getMessage());
    }

    @Test
    void unpacksWhatWasBuilt() throws Exception {
        Path file = directory.resolve("library");
        library.unpack(file);
        assertEquals(library.size(), Files.size(file));
    }

    @Test
    void detectsADamagedJar() {
        BundledLibrary other = new BundledLibrary(library.resource(), "0".repeat(64), library.crc32c(), library.size());
        IOException e = assertThrows(IOException.class, () -> other.unpack(directory.resolve("library")));
        assertTrue(e.getMessage().startsWith(library.resource() + " in the jar is damaged: its SHA-256 is "
                + library.sha256()), e.getMessage());
    }
}
