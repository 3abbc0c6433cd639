package io.github.wasmton.internal.text;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileErrorTest {
    @TempDir
    Path folder;

    @Test
    void saysWhatIsWrongInsteadOfTheNameOfAnException() throws Exception {
        assertEquals("there is no permission for a.json", FileError.of(new AccessDeniedException("a.json")));
        assertEquals("there is no file or folder a.json", FileError.of(new NoSuchFileException("a.json")));
        assertEquals("it is not text in UTF-8", FileError.of(new MalformedInputException(1)));
        assertEquals("a.json: No space left on device", FileError.of(new FileSystemException("a.json", null,
                "No space left on device")));
        assertEquals("Broken pipe", FileError.of(new IOException("Broken pipe")));
        Path file = Files.writeString(folder.resolve("file"), "");
        assertEquals(file + " is not a folder", FileError.of(listed(file)));
    }

    private static IOException listed(Path file) {
        try (var all = Files.list(file)) {
            return new IOException("a file was listed: " + all.toList());
        } catch (IOException e) {
            return e;
        }
    }
}
