package io.github.wasmton.internal.cli;

import static io.github.wasmton.testing.TestGuests.guest;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import io.github.wasmton.testing.ProgramRun;

class BuildCommandTest {
    @TempDir
    Path folder;

    private ProgramRun build(String file) throws IOException {
        Files.writeString(folder.resolve("wasmton.properties"), "processor-wasm = out/a.wasm\n" + file);
        return ProgramRun.with(Map.of("PATH", System.getenv("PATH"), "GUEST", guest("router").toString()), "build",
                folder.toString());
    }

    @Test
    void runsTheCommandInTheFolderAndDescribesTheFile() throws Exception {
        ProgramRun run = build("project.tool.sh = x\n"
                + "project.build = echo compiling; mkdir out; cp $GUEST out/a.wasm\n");
        assertEquals(ExitCode.OK, run.exitCode(), run.err());
        assertTrue(run.out().startsWith("compiling\nBuilt " + folder.resolve("out/a.wasm") + " in "), run.out());
        assertTrue(run.out().contains("component of the world decaton:processor@0.1.0\nIt may use: "), run.out());
    }

    @Test
    void showsTheOutputOfAFailedBuild() throws Exception {
        ProgramRun run = build("project.build = echo 'no such type' >&2; exit 3\n");
        assertEquals(ExitCode.FAILED, run.exitCode());
        assertTrue(run.out().startsWith("no such type\nThe build failed with exit code 3: "), run.out());
    }

    @Test
    void saysThatTheBuildLeftNoFile() throws Exception {
        ProgramRun run = build("project.build = true\n");
        assertEquals(ExitCode.FAILED, run.exitCode());
        assertTrue(run.out().contains("left no file " + folder.resolve("out/a.wasm")), run.out());
    }

    @Test
    void saysHowToGetEachMissingTool() throws Exception {
        ProgramRun run = build("project.build = true\nproject.tool.sh = x\n"
                + "project.tool.no-such-tool = Get it by luck\n");
        assertEquals(ExitCode.BAD_INPUT, run.exitCode());
        assertEquals("There is no program 'no-such-tool' on the PATH. Get it by luck.\n", run.err());
    }

    @Test
    void needsABuildCommand() throws Exception {
        assertTrue(build("").err().contains("has no line 'project.build = COMMAND'"));
    }
}
