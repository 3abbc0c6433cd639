package io.github.wasmton.wasmtime.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

import io.github.wasmton.wasmtime.WasmtimeException;

/**
 * The implementation of {@link io.github.wasmton.wasmtime.CodeCache}: compiled code in the files of a directory. Not
 * API: public for the other artefact of this project.
 */
public abstract class CodeFiles {
    private static final String SUFFIX = ".cwasm";
    private static final String PART = "part";
    /** The smallest module to keep, in bytes: below this, compiling takes no longer than reading a file. */
    private static final int SMALL = 16 << 10;

    protected final Place place;
    private final long maxBytes;

    /** The directory with the files; null for none. */
    protected interface Place {
        PrivateDirectory open() throws IOException;
    }

    /**
     * The key of compiled code.
     *
     * @param sha256   the SHA-256 of the wasm, in hexadecimal
     * @param compiler a hash of everything else that the code depends on
     */
    public record Key(String sha256, String compiler) {
        private String prefix() {
            return sha256 + '-' + compiler + '-';
        }
    }

    /** A compilation whose code can be kept. */
    public interface Compilation<T> {
        T compile();

        /** Writes compiled code to a file. */
        void save(T compiled, Path file) throws IOException;

        /** Loads compiled code from a file. */
        T load(Path file);

        /** Reports why the cache did not work. */
        void debug(String message);
    }

    protected CodeFiles(Place place, long maxBytes) {
        this.place = place;
        this.maxBytes = maxBytes;
    }

    /** Returns whether the cache keeps a module of that many bytes. */
    public static boolean keeps(CodeFiles cache, long bytes) {
        return cache.place != null && bytes >= SMALL;
    }

    /**
     * Returns the file with code of a wasm that was used last; {@code null} if there is none.
     *
     * @throws IOException if the directory cannot be used; the message says why
     */
    public static Path lastUsed(CodeFiles cache, String sha256) throws IOException {
        return files(cache.place.open()).stream()
                .filter(file -> file.getFileName().toString().startsWith(sha256)).findFirst().orElse(null);
    }

    /** Returns the SHA-256 in hexadecimal. */
    public static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has SHA-256", e);
        }
    }

    /** Loads the code if it is kept; otherwise compiles it and keeps it. */
    public static <T> T load(CodeFiles cache, Key key, Compilation<T> compilation) {
        Path code = cache.find(key, compilation);
        if (code != null) {
            try {
                return compilation.load(code);
            } catch (WasmtimeException e) {
                compilation.debug(code + " is not used: " + e.getMessage());
            }
        }
        T compiled = compilation.compile();
        cache.keep(key, compilation, compiled);
        return compiled;
    }

    /** Returns the file with the code if it exists and is intact; otherwise null. */
    private Path find(Key key, Compilation<?> compilation) {
        try {
            for (Path file : files(place.open())) {
                String name = file.getFileName().toString();
                if (name.startsWith(key.prefix()) && isIntact(file, name, compilation)) {
                    PrivateDirectory.touch(file);
                    return file;
                }
            }
        } catch (IOException | RuntimeException e) {
            compilation.debug("no compiled code can be looked up: " + e);
        }
        return null;
    }

    private <T> void keep(Key key, Compilation<T> compilation, T compiled) {
        try {
            PrivateDirectory directory = place.open();
            Path part = directory.temporary(PART);
            try {
                compilation.save(compiled, part);
                String name = key.prefix() + checksum(part) + SUFFIX;
                directory.publish(part, name);
                shrink(directory, name);
            } finally {
                Files.deleteIfExists(part);
            }
        } catch (IOException | RuntimeException e) {
            compilation.debug("compiled code cannot be kept: " + e);
        }
    }

    private static boolean isIntact(Path file, String name, Compilation<?> compilation) {
        try {
            if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
                throw new IOException("it is not a file");
            }
            PrivateDirectory.checkOnlyWeWrite(file);
            if (!name.endsWith('-' + checksum(file) + SUFFIX)) {
                throw new IOException("it is damaged");
            }
            return true;
        } catch (IOException e) {
            compilation.debug(file + " is not used: " + e);
            return false;
        }
    }

    private static String checksum(Path file) throws IOException {
        return "%08x".formatted(PrivateDirectory.crc32c(file));
    }

    /** Deletes the files used longest ago, and parts left by processes that died while writing. */
    private void shrink(PrivateDirectory directory, String newest) throws IOException {
        long bytes = 0;
        for (Path file : files(directory)) {
            bytes += size(file);
            if (bytes > maxBytes && !file.endsWith(newest)) {
                Files.deleteIfExists(file);
            }
        }
    }

    /** Lists the cache's files in that directory, the last used first. */
    private static List<Path> files(PrivateDirectory directory) throws IOException {
        record Dated(Path file, FileTime time) {}
        try (Stream<Path> files = Files.list(directory.path())) {
            return files.filter(CodeFiles::isOurs).map(file -> new Dated(file, time(file)))
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
