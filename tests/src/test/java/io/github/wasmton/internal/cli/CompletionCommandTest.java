package io.github.wasmton.internal.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import io.github.wasmton.testing.ProgramRun;

class CompletionCommandTest {
    @TempDir
    Path folder;

    @Test
    void bashCompletesCommandsAndOptions() throws Exception {
        ProgramRun run = ProgramRun.of("completion");
        assertEquals(ExitCode.OK, run.exitCode(), run.err());
        Files.writeString(folder.resolve("wasmton"), run.out());
        assertEquals("inspect invoke", complete("in", 1, "wasmton", "in"));
        assertTrue(complete("--out", 2, "wasmton", "run", "--out").contains("--output-topic"));
    }

    /** Returns what bash would offer for the word at that index. */
    private String complete(String word, int index, String... words) throws Exception {
        String script = "source " + folder.resolve("wasmton") + "; COMP_WORDS=(" + String.join(" ", words)
                + "); COMP_CWORD=" + index + "; _complete_wasmton '" + words[0] + "' '" + word + "' '"
                + words[index - 1] + "'; echo $(printf '%s\\n' \"${COMPREPLY[@]}\" | sort)";
        Process process = new ProcessBuilder("bash", "-c", script).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), output);
        return output.strip();
    }
}
