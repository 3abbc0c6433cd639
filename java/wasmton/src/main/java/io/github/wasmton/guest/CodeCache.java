package io.github.wasmton.guest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import io.github.wasmton.wasmtime.internal.PrivateDirectory;

/**
 * Where compiled guests are kept, so that only the first start compiles: to load one takes milliseconds, to compile it
 * up to half a minute. Any number of threads and processes may use the same directory.
 *
 * <p>A file's name holds the SHA-256 of the guest, a hash of what the compiler depends on (wasmtime's version, the
 * engine's settings, the CPU's features), and the CRC-32C of the content. What is kept is run as it is; so a directory
 * or a file that another user may write to is not used. Nothing that goes wrong here is an error: the guest is compiled
 * then, and the reason goes to the log as a debug line.
 */
public final class CodeCache {
    /** Keeps nothing: guests are compiled at each start. */
    public static final CodeCache NONE = new CodeCache(null, 0);

    private static final Logger log = LoggerFactory.getLogger(CodeCache.class);
    private static final String SUFFIX = ".cwasm";
    private static final String PART = "part";
    /** When there is more than this, what was used longest ago goes. Python and JavaScript guests take 30 MB each. */
    private static final long MOST_BYTES = 512L << 20;

    private final Place place;
    private final long mostBytes;

    private interface Place {
        PrivateDirectory open() throws IOException;
    }

    /**
     * What a compiled guest is found by.
     *
     * @param sha256   of the guest
     * @param compiler stands for what the compiler depends on
     */
    record Key(String sha256, String compiler) {
        private String prefix() {
            return sha256 + '-' + compiler + '-';
        }
    }

    private CodeCache(Place place, long mostBytes) {
        this.place = place;
        this.mostBytes = mostBytes;
    }

    /**
     * The one of this user: {@code wasmton/code} in the directory for caches, which is {@code $XDG_CACHE_HOME} or
     * {@code ~/.cache} on Linux, {@code ~/Library/Caches} on macOS, {@code %LOCALAPPDATA%} on Windows, or what the
     * system property {@code io.github.wasmton.native.cache} names.
     */
    public static CodeCache ofUser() {
        return new CodeCache(() -> PrivateDirectory.ofUser().sub("code"), MOST_BYTES);
    }

    /** A directory for this purpose alone, which is created if it is not there. */
    public static CodeCache in(Path directory) {
        Objects.requireNonNull(directory, "directory");
        return new CodeCache(() -> PrivateDirectory.at(directory), MOST_BYTES);
    }

    /** The same with another limit, in bytes. */
    CodeCache holding(long bytes) {
        return new CodeCache(place, bytes);
    }

    /** The file of a compiled guest, if it is there and whole; else null. */
    Path find(Key key) {
        if (this == NONE) {
            return null;
        }
        try {
            for (Path file : files(place.open())) {
                String name = file.getFileName().toString();
                if (name.startsWith(key.prefix()) && isIntact(file, name)) {
                    used(file);
                    return file;
                }
            }
        } catch (IOException | RuntimeException e) {
            log.debug("no compiled guest can be looked up: {}", e.toString());
        }
        return null;
    }

    /** Keeps a compiled guest, which {@code writer} writes to a file. */
    void keep(Key key, PrivateDirectory.Writer writer) {
        if (this == NONE) {
            return;
        }
        try {
            PrivateDirectory directory = place.open();
            Path part = directory.temporary(PART);
            try {
                writer.write(part);
                String name = key.prefix() + checksum(part) + SUFFIX;
                directory.publish(part, name);
                shrink(directory, name);
            } finally {
                Files.deleteIfExists(part);
            }
        } catch (IOException | RuntimeException e) {
            log.debug("a compiled guest cannot be kept: {}", e.toString());
        }
    }

    private static boolean isIntact(Path file, String name) {
        try {
            if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
                throw new IOException("it is no file");
            }
            PrivateDirectory.checkOnlyWeWrite(file);
            if (!name.endsWith('-' + checksum(file) + SUFFIX)) {
                throw new IOException("it is damaged");
            }
            return true;
        } catch (IOException e) {
            log.debug("{} is not used: {}", file, e.toString());
            return false;
        }
    }

    private static String checksum(Path file) throws IOException {
        return "%08x".formatted(PrivateDirectory.crc32c(file));
    }

    private static void used(Path file) {
        try {
            Files.setLastModifiedTime(file, FileTime.fromMillis(System.currentTimeMillis()));
        } catch (IOException e) {
            // Root's, perhaps. It may go a little earlier.
        }
    }

    /** Deletes what was used longest ago, and what processes left behind that died while they wrote. */
    private void shrink(PrivateDirectory directory, String newest) throws IOException {
        long bytes = 0;
        for (Path file : files(directory)) {
            bytes += size(file);
            if (bytes > mostBytes && !file.endsWith(newest)) {
                Files.deleteIfExists(file);
            }
        }
    }

    /** What the cache has in that directory; what was used last comes first. */
    private static List<Path> files(PrivateDirectory directory) throws IOException {
        record Dated(Path file, FileTime time) {}
        try (Stream<Path> files = Files.list(directory.path())) {
            return files.filter(CodeCache::isOurs).map(file -> new Dated(file, time(file)))
                    .sorted(Comparator.comparing(Dated::time).reversed()).map(Dated::file).toList();
        }
    }

    private static boolean isOurs(Path file) {
        String name = file.getFileName().toString();
        return name.endsWith(SUFFIX) || name.startsWith(".") && name.endsWith('-' + PART);
    }

    private static FileTime time(Path file) {
        try {
            return Files.getLastModifiedTime(file, LinkOption.NOFOLLOW_LINKS);
        } catch (IOException e) {
            return FileTime.fromMillis(0);  // another process deleted it
        }
    }

    private static long size(Path file) throws IOException {
        try {
            return Files.size(file);
        } catch (NoSuchFileException e) {
            return 0;
        }
    }
}
