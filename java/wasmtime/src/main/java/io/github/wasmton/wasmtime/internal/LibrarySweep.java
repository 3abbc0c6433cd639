package io.github.wasmton.wasmtime.internal;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Deletes leftovers below a directory of unpacked libraries: temporary files of JVMs that were killed, and libraries of
 * other versions that nobody has loaded for a month.
 *
 * <p>It touches only directories named by a SHA-256, and in them only files with the library's name. A library that a
 * process has mapped stays: on Linux {@code /proc} shows it, and Windows deletes no such file. Elsewhere a process
 * keeps its mapping of a deleted file, and its next class loader unpacks the library again.
 */
final class LibrarySweep {
    /** Age of a temporary file that no JVM is writing any more; writing takes less than a second. */
    static final Duration TEMPORARY_AGE = Duration.ofDays(1);
    /** Time without a load after which a library of another version is deleted. */
    static final Duration LIBRARY_AGE = Duration.ofDays(30);

    private final String name;
    private final Instant now = Instant.now();

    private LibrarySweep(String name) {
        this.name = name;
    }

    /**
     * Deletes the leftovers in a directory, unless this user may not write to it.
     *
     * @param current the library that is about to be loaded; it stays
     * @throws IOException if a directory cannot be read, or if another user could write to it
     */
    static void sweep(PrivateDirectory cache, BundledLibrary current) throws IOException {
        if (Files.isWritable(cache.path())) {
            LibrarySweep sweep = new LibrarySweep(current.name());
            for (Path version : list(cache.path())) {
                String sha256 = version.getFileName().toString();
                if (isSha256(sha256) && Files.isDirectory(version, LinkOption.NOFOLLOW_LINKS)) {
                    sweep.version(version, !sha256.equals(current.sha256()));
                }
            }
        }
    }

    /** Returns whether that is a SHA-256 in hexadecimal. Each start asks, and the first regular expression is slow. */
    private static boolean isSha256(String name) {
        for (int i = 0; i < name.length(); i++) {
            if ("0123456789abcdef".indexOf(name.charAt(i)) < 0) {
                return false;
            }
        }
        return name.length() == 64;
    }

    private void version(Path version, boolean other) throws IOException {
        PrivateDirectory.checkOnlyWeWrite(version);
        for (Path file : list(version)) {
            String fileName = file.getFileName().toString();
            boolean temporary = fileName.startsWith(".") && fileName.endsWith('-' + name);
            boolean library = other && fileName.equals(name);
            if (temporary && isOlder(file, TEMPORARY_AGE)
                    || library && isOlder(file, LIBRARY_AGE) && !isMapped(version.getFileName().toString())) {
                // Windows refuses where the file is loaded.
                file.toFile().delete();
            }
        }
        if (other && list(version).isEmpty()) {
            // Fails if another JVM has just put its library there.
            version.toFile().delete();
        }
    }

    private boolean isOlder(Path file, Duration age) throws IOException {
        try {
            return Files.getLastModifiedTime(file, LinkOption.NOFOLLOW_LINKS).toInstant().isBefore(now.minus(age));
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    /**
     * Returns whether a process has mapped a library of that directory, or a copy. This user may look only into its own
     * processes, and only they load its files; root, whose files others load too, sees all.
     */
    private static boolean isMapped(String directory) throws IOException {
        Path proc = Path.of("/proc");
        if (!Files.isDirectory(proc)) {
            return false;
        }
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(proc, "[0-9]*")) {
            for (Path process : processes) {
                // Not UTF-8: paths may contain any bytes.
                try (Stream<String> maps = Files.lines(process.resolve("maps"), StandardCharsets.ISO_8859_1)) {
                    if (maps.anyMatch(line -> line.contains('/' + directory + '/'))) {
                        return true;
                    }
                } catch (IOException | UncheckedIOException e) {
                    continue;  // it has ended, or is another user's
                }
            }
        }
        return false;
    }

    private static List<Path> list(Path directory) throws IOException {
        List<Path> entries = new ArrayList<>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory)) {
            for (Path entry : stream) {
                entries.add(entry);
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        } catch (NoSuchFileException e) {
            return List.of();  // another JVM has swept it
        }
        return entries;
    }
}
