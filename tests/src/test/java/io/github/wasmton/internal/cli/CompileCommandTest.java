package io.github.wasmton.internal.cli;

import static io.github.wasmton.testing.TestGuests.guest;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import io.github.wasmton.testing.Guests;
import io.github.wasmton.testing.ProgramRun;

class CompileCommandTest {
    @TempDir
    Path folder;

    @Test
    void keepsTheCodeInTheDirectory() throws Exception {
        Path cache = folder.resolve("code");
        ProgramRun run = ProgramRun.of("compile", "--code-cache", cache.toString(), guest("router").toString());
        assertEquals(ExitCode.OK, run.exitCode(), run.err());
        try (Stream<Path> files = Files.list(cache)) {
            List<String> names = files.map(file -> file.getFileName().toString()).toList();
            assertEquals(1, names.size(), names.toString());
            assertTrue(run.out().contains(names.get(0)), run.out());
        }
    }

    @Test
    void failsIfTheDirectoryCannotBeUsed() throws Exception {
        Path cache = Files.createDirectory(folder.resolve("code"));
        Files.setPosixFilePermissions(cache, PosixFilePermissions.fromString("rwxrwxrwx"));
        ProgramRun run = ProgramRun.of("compile", "--code-cache", cache.toString(), guest("router").toString());
        assertEquals(ExitCode.BAD_INPUT, run.exitCode(), run.out());
        assertTrue(run.err().contains("The code of ") && run.err().contains(cache.toString()), run.err());
    }

    @Test
    void saysThatASmallFileIsNotKept() throws Exception {
        Path wasm = Files.writeString(folder.resolve("small.wat"), Guests.MISDEEDS);
        ProgramRun run = ProgramRun.of("compile", wasm.toString());
        assertEquals(ExitCode.OK, run.exitCode(), run.err());
        assertTrue(run.out().contains("so small that no code is kept"), run.out());
    }

    @Test
    void refusesWhatKeepsNothingOrIsNoProcessor() {
        assertTrue(ProgramRun.of("compile", "--code-cache", "none", "a.wasm").err().contains("keeps nothing"));
        assertTrue(ProgramRun.of("compile", guest("hello-wasm").toString()).err().contains("cannot serve"));
    }
}
