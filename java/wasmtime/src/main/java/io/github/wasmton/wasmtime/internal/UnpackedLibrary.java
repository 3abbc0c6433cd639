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
 * A native library on disk, below a directory for caches, in a directory that is named by its SHA-256. So every version
 * has its own, and any number of JVMs that unpack the same one at once write the same bytes.
 *
 * <p>What is found there is used if it has the CRC-32C of what was bundled, which takes 9 ms and finds what breaks by
 * itself. SHA-256 would take 70 ms at each start, and only help against somebody who may write this user's files and so
 * needs no help from us; that nobody else may, is checked.
 *
 * @param library what it is unpacked from
 * @param file    the unpacked file, whole and intact
 */
record UnpackedLibrary(BundledLibrary library, Path file) {
    /** Finds a library in the directory for this user's caches, or puts it there. */
    static UnpackedLibrary in(PrivateDirectory cache, BundledLibrary library) throws IOException {
        PrivateDirectory directory = cache.sub(library.sha256());
        Path file = directory.path().resolve(library.name());
        if (!isIntact(file, library)) {
            replace(directory, file, library);
        }
        return new UnpackedLibrary(library, file);
    }

    /** Loads a copy of it, and deletes that. */
    void loadCopy() throws IOException {
        Path copy = new PrivateDirectory(file.getParent()).temporary(library.name());
        loadAndDelete(copy, part -> Files.copy(file, part, StandardCopyOption.REPLACE_EXISTING));
    }

    /** Loads a copy in the directory for temporary files, and deletes that. */
    static void loadCopy(String name, PrivateDirectory.Writer writer) throws IOException {
        Path directory = Files.createTempDirectory("wasmtime-java-");
        // For Windows. What is registered first is deleted last: the file before the directory.
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
            // Windows deletes no file that is loaded.
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
            // Windows replaces no file that is loaded: that of another JVM, which was faster.
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
