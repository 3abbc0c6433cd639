package io.github.wasmton.wasmtime.internal;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.zip.CRC32C;

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
    /** Fills a file that does not exist yet. */
    interface Writer {
        void write(Path file) throws IOException;
    }

    /** The directory for caches that was asked for, or that this system has for this user. */
    static Path cacheDirectory() throws IOException {
        String named = System.getProperty(NativeLibrary.CACHE_PROPERTY);
        if (named != null) {
            return Path.of(named).toAbsolutePath();
        }
        Path home = Path.of(System.getProperty("user.home", ""));
        Path directory = switch (Platform.current().os()) {
            case "windows" -> environment("LOCALAPPDATA", home.resolve("AppData").resolve("Local"));
            case "macos" -> home.resolve("Library").resolve("Caches");
            default -> environment("XDG_CACHE_HOME", home.resolve(".cache"));
        };
        // Java calls the home of a user who has none "?".
        if (!directory.isAbsolute()) {
            throw new NoSuchFileException(directory.toString(), null, "not an absolute path");
        }
        return directory;
    }

    private static Path environment(String name, Path otherwise) {
        String value = System.getenv(name);
        return value == null || value.isEmpty() ? otherwise : Path.of(value);
    }

    /** Finds a library in a directory for caches, or puts it there. */
    static UnpackedLibrary in(Path cache, BundledLibrary library) throws IOException {
        Path own = cache.resolve("wasmton");
        Path directory = own.resolve(library.sha256());
        createPrivately(directory);
        checkOnlyWeWrite(own.toRealPath());
        Path file = directory.toRealPath().resolve(library.name());
        if (!isIntact(file, library)) {
            replace(file, library);
        }
        return new UnpackedLibrary(library, file);
    }

    /** Loads a copy of it, and deletes that. */
    void loadCopy() throws IOException {
        loadAndDelete(temporaryBeside(file), copy -> Files.copy(file, copy, StandardCopyOption.REPLACE_EXISTING));
    }

    /** Loads a copy in the directory for temporary files, and deletes that. */
    static void loadCopy(String name, Writer writer) throws IOException {
        Path directory = Files.createTempDirectory("wasmtime-java-");
        // For Windows. What is registered first is deleted last: the file before the directory.
        directory.toFile().deleteOnExit();
        try {
            loadAndDelete(directory.resolve(name), writer);
        } finally {
            directory.toFile().delete();
        }
    }

    private static void loadAndDelete(Path copy, Writer writer) throws IOException {
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

    private static Path temporaryBeside(Path file) throws IOException {
        return Files.createTempFile(file.getParent(), ".", '-' + file.getFileName().toString());
    }

    private static void replace(Path file, BundledLibrary library) throws IOException {
        Path part = temporaryBeside(file);
        try {
            library.unpack(part);
            Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (AccessDeniedException e) {
            // Windows replaces no file that is loaded: that of another JVM, which was faster.
            if (!isIntact(file, library)) {
                throw e;
            }
        } finally {
            Files.deleteIfExists(part);
        }
    }

    private static void createPrivately(Path directory) throws IOException {
        if (hasPosixPermissions(directory)) {
            Files.createDirectories(directory,
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        } else {
            Files.createDirectories(directory);
        }
    }

    /** Fails where another user could put a library of theirs in the place of ours. Root could anyway. */
    private static void checkOnlyWeWrite(Path directory) throws IOException {
        if (!hasPosixPermissions(directory)) {
            return;
        }
        Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(directory);
        if (permissions.contains(PosixFilePermission.GROUP_WRITE)
                || permissions.contains(PosixFilePermission.OTHERS_WRITE)) {
            throw new AccessDeniedException(directory.toString(), null, "other users may write to it");
        }
        Object owner = Files.getAttribute(directory, "unix:uid");
        Path self = Path.of("/proc/self");
        if (!owner.equals(0) && Files.exists(self) && !owner.equals(Files.getAttribute(self, "unix:uid"))) {
            throw new AccessDeniedException(directory.toString(), null, "it belongs to another user");
        }
    }

    private static boolean hasPosixPermissions(Path path) {
        return path.getFileSystem().supportedFileAttributeViews().contains("posix");
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
        CRC32C crc = new CRC32C();
        byte[] buffer = new byte[1 << 16];
        try (InputStream in = Files.newInputStream(file)) {
            for (int n; (n = in.read(buffer)) > 0; ) {
                crc.update(buffer, 0, n);
            }
        }
        return crc.getValue() == library.crc32c();
    }
}
