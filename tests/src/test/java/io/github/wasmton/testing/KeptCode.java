package io.github.wasmton.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/** Access to the files of a code cache. */
public final class KeptCode {
    private KeptCode() {
    }

    /** Returns all files of a directory; none if it does not exist. */
    public static List<Path> files(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(directory)) {
            return files.sorted().toList();
        }
    }

    /** Replaces the content of a code file, with a name to match. */
    public static Path replace(Path file, byte[] content) throws IOException {
        CRC32C crc = new CRC32C();
        crc.update(content);
        String name = file.getFileName().toString();
        String start = name.substring(0, name.length() - "00000000.cwasm".length());
        Files.delete(file);
        return Files.write(file.resolveSibling(start + "%08x.cwasm".formatted(crc.getValue())), content);
    }
}
