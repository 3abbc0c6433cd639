package io.github.wasmton.wasmtime.internal;

import java.io.FileInputStream;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.zip.CRC32C;

/**
 * A directory for files that this process runs as code: the native library and compiled guests. It belongs to this user
 * or root, and nobody else may write to it or to a directory above it. Not API: public for the other artefact of this
 * project.
 *
 * @param path its absolute path, without links
 */
public record PrivateDirectory(Path path) {
    private static final int STICKY = 01000;

    /** The number of this process's user, once it was needed. */
    private static volatile Object ownUser;

    /** A function that writes a file that does not exist yet or is empty. */
    @FunctionalInterface
    public interface Writer {
        void write(Path file) throws IOException;
    }

    /**
     * Returns {@code wasmton} in the cache directory, which {@value NativeLibrary#CACHE_PROPERTY} names, or which the
     * system has for this user.
     */
    public static PrivateDirectory ofUser() throws IOException {
        return at(cacheDirectory().resolve("wasmton"));
    }

    /**
     * Returns a directory, and creates it if needed.
     *
     * @throws AccessDeniedException if another user may write to it, or replace it or a directory above it
     */
    public static PrivateDirectory at(Path path) throws IOException {
        if (Files.isDirectory(path)) {
            // createDirectories of older JDKs rejects a link to a directory.
        } else if (hasPosixPermissions(path)) {
            Files.createDirectories(path,
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        } else {
            Files.createDirectories(path);
        }
        Path real = path.toRealPath();
        checkOnlyWeWrite(real);
        for (Path above = real.getParent(); above != null; above = above.getParent()) {
            checkOnlyWeReplaceIn(above);
        }
        return new PrivateDirectory(real);
    }

    /**
     * Throws if another user could put another directory in the place of one in this directory. Where the sticky bit is
     * set, as in {@code /tmp}, only the owner of an entry can.
     */
    private static void checkOnlyWeReplaceIn(Path directory) throws IOException {
        if (!hasPosixPermissions(directory)) {
            return;
        }
        int mode = (int) Files.getAttribute(directory, "unix:mode", LinkOption.NOFOLLOW_LINKS);
        if ((mode & STICKY) != 0) {
            checkOwner(directory);
        } else {
            checkOnlyWeWrite(directory);
        }
    }

    private static Path cacheDirectory() throws IOException {
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
        // Java's name for the home of a user without one is "?".
        if (!directory.isAbsolute()) {
            throw new NoSuchFileException(directory.toString(), null, "not an absolute path");
        }
        return directory;
    }

    private static Path environment(String name, Path otherwise) {
        String value = System.getenv(name);
        return value == null || value.isEmpty() ? otherwise : Path.of(value);
    }

    /** Returns a directory below this one. */
    public PrivateDirectory sub(String name) throws IOException {
        return at(path.resolve(name));
    }

    /** Creates an empty file in this directory for this user alone, to be renamed or deleted. */
    public Path temporary(String suffix) throws IOException {
        return Files.createTempFile(path, ".", '-' + suffix);
    }

    /** Moves a file of this directory to its final name, atomically and durably. */
    public void publish(Path part, String name) throws IOException {
        // Written to disk before it gets its name: after a crash of the machine there is the whole file or none.
        try (FileChannel channel = FileChannel.open(part, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
        Files.move(part, path.resolve(name), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** Marks a file as used now, where this user may: the files that were used longest ago are deleted first. */
    public static void touch(Path file) {
        // Fails where the file is root's, perhaps. It may go a little earlier.
        file.toFile().setLastModified(System.currentTimeMillis());
    }

    /** Computes the CRC-32C of a file's content. It detects accidental damage, at a gigabyte a second or more. */
    public static long crc32c(Path file) throws IOException {
        CRC32C crc = new CRC32C();
        byte[] buffer = new byte[1 << 16];
        // Not by Files, whose streams copy everything once more: that took twice as long.
        try (var in = new FileInputStream(file.toFile())) {
            for (int n; (n = in.read(buffer)) > 0; ) {
                crc.update(buffer, 0, n);
            }
        }
        return crc.getValue();
    }

    /**
     * Throws if another user could replace this file or directory. Root always could.
     *
     * @param path a file or a directory; links are not followed
     */
    public static void checkOnlyWeWrite(Path path) throws IOException {
        if (!hasPosixPermissions(path)) {
            return;
        }
        Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(path, LinkOption.NOFOLLOW_LINKS);
        if (permissions.contains(PosixFilePermission.GROUP_WRITE)
                || permissions.contains(PosixFilePermission.OTHERS_WRITE)) {
            throw new AccessDeniedException(path.toString(), null, "other users may write to it");
        }
        checkOwner(path);
    }

    private static void checkOwner(Path path) throws IOException {
        Object owner = Files.getAttribute(path, "unix:uid", LinkOption.NOFOLLOW_LINKS);
        if (!owner.equals(0) && !owner.equals(ownUser())) {
            throw new AccessDeniedException(path.toString(), null, "it belongs to another user");
        }
    }

    private static Object ownUser() throws IOException {
        if (ownUser == null) {
            Path self = Path.of("/proc/self");
            ownUser = Files.exists(self) ? Files.getAttribute(self, "unix:uid") : ownerOfNewFiles();
        }
        return ownUser;
    }

    /** Finds this process's user where there is no {@code /proc}, as on macOS. */
    static Object ownerOfNewFiles() throws IOException {
        Path file = Files.createTempFile("wasmtime-java-", null);
        try {
            return Files.getAttribute(file, "unix:uid");
        } finally {
            Files.delete(file);
        }
    }

    private static boolean hasPosixPermissions(Path path) {
        return path.getFileSystem().supportedFileAttributeViews().contains("posix");
    }
}
