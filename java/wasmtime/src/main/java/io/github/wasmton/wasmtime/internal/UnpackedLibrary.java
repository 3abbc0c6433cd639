package io.github.wasmton.wasmtime.internal;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;

/**
 * A native library on disk, below a cache directory, in a directory named by its SHA-256. So every version has its own,
 * and JVMs that unpack the same version concurrently write the same bytes.
 *
 * <p>A file found there is used if it has the CRC-32C of the bundled one. The check takes 10 ms and detects accidental
 * damage. SHA-256 would take 70 ms at each start, and only protect against somebody who may write this user's files; a
 * check of the permissions rules out other users.
 *
 * @param library the library in the jar
 * @param file    the unpacked file, intact
 */
record UnpackedLibrary(BundledLibrary library, Path file) {
    /** Finds a library in this user's cache directory, or unpacks it there; then sweeps that directory. */
    static UnpackedLibrary in(PrivateDirectory cache, BundledLibrary library) throws IOException {
        PrivateDirectory directory = cache.sub(library.sha256());
        Path file = directory.path().resolve(library.name());
        if (!isIntact(file, library)) {
            replace(directory, file, library);
        }
        PrivateDirectory.touch(file);
        try {
            LibrarySweep.sweep(cache, library);
        } catch (IOException e) {
            System.getLogger(NativeLibrary.class.getName()).log(System.Logger.Level.DEBUG,
                    "old libraries below " + cache.path() + " are not deleted: " + e);
        }
        return new UnpackedLibrary(library, file);
    }

    /** Loads a copy and deletes it. */
    void loadCopy() throws IOException {
        Path copy = new PrivateDirectory(file.getParent()).temporary(library.name());
        loadAndDelete(copy, part -> Files.copy(file, part, StandardCopyOption.REPLACE_EXISTING));
    }

    /** Loads a copy from the temporary directory and deletes it. */
    static void loadCopy(String name, PrivateDirectory.Writer writer) throws IOException {
        Path directory = Files.createTempDirectory("wasmtime-java-");
        // For Windows. Deletion is in reverse order of registration: the file before the directory.
        directory.toFile().deleteOnExit();
        try {
            loadAndDelete(directory.resolve(name), writer);
        } finally {
            directory.toFile().delete();
        }
    }

    private static void loadAndDelete(Path copy, PrivateDirectory.Writer writer) throws IOException {
        try {
            writer.write(copy);
            System.load(copy.toString());
        } finally {
            // Windows cannot delete a loaded file.
            if (!copy.toFile().delete()) {
                copy.toFile().deleteOnExit();
            }
        }
    }

    private static void replace(PrivateDirectory directory, Path file, BundledLibrary library) throws IOException {
        Path part = directory.temporary(library.name());
        try {
            library.unpack(part);
            directory.publish(part, library.name());
        } catch (AccessDeniedException e) {
            // Windows cannot replace a loaded file: another JVM has been faster.
            if (!isIntact(file, library)) {
                throw e;
            }
        } finally {
            Files.deleteIfExists(part);
        }
    }

    private static boolean isIntact(Path file, BundledLibrary library) throws IOException {
        BasicFileAttributes attributes;
        try {
            attributes = Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        } catch (NoSuchFileException e) {
            return false;
        }
        if (!attributes.isRegularFile() || attributes.size() != library.size()) {
            return false;
        }
        return PrivateDirectory.crc32c(file) == library.crc32c();
    }
}
