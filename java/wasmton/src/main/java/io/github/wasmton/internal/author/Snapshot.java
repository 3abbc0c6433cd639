package io.github.wasmton.internal.author;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Sizes and times of files at one moment. Two of them tell whether somebody saved a file in between. */
public final class Snapshot {
    private final Map<Path, List<Object>> files;

    private Snapshot(Map<Path, List<Object>> files) {
        this.files = files;
    }

    /** Takes a snapshot of files, and of folders with everything below them. Those that do not exist are left out. */
    public static Snapshot of(Stream<Path> places) {
        Map<Path, List<Object>> files = new HashMap<>();
        for (Path place : places.toList()) {
            List<Path> found = new ArrayList<>();
            try (Stream<Path> below = Files.walk(place)) {
                below.forEach(found::add);
            } catch (IOException | java.io.UncheckedIOException e) {
                continue;  // an editor replaces files: the next snapshot sees the new one
            }
            found.forEach(file -> add(files, file));
        }
        return new Snapshot(files);
    }

    private static void add(Map<Path, List<Object>> files, Path file) {
        try {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            if (attributes.isRegularFile()) {
                files.put(file, List.of(attributes.size(), attributes.lastModifiedTime()));
            }
        } catch (NoSuchFileException e) {
            // deleted since it was listed
        } catch (IOException e) {
            files.put(file, List.of(e.toString()));
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Snapshot snapshot && files.equals(snapshot.files);
    }

    @Override
    public int hashCode() {
        return files.hashCode();
    }
}
