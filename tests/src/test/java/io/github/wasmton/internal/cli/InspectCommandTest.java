package io.github.wasmton.internal.cli;

import static io.github.wasmton.testing.TestGuests.guest;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import io.github.wasmton.testing.ProgramRun;

class InspectCommandTest {
    @Test
    void showsAProcessor() {
        ProgramRun run = ProgramRun.of("inspect", guest("router").toString());
        assertEquals(ExitCode.OK, run.exitCode(), run.err());
        for (String part : new String[] {"\nkind       component of the world decaton:processor@0.1.0\n",
            "\nparts      code ", "\nmemory     at least ", "\nexports    decaton:processor/task-handler@0.1.0\n",
            "other topics: --output-topic TOPIC\n", "\nruns       yes; "}) {
            assertTrue(run.out().contains(part), part + " in:\n" + run.out());
        }
    }

    @Test
    void saysWhyAFileCannotRunAndWhatToDo() {
        ProgramRun run = ProgramRun.of("inspect", guest("hello-wasm").toString());
        assertEquals(ExitCode.FAILED, run.exitCode(), run.err());
        assertTrue(run.out().contains("\nruns       no: "), run.out());
        assertTrue(run.out().contains("it exports no function 'run'"), run.out());
        assertTrue(run.out().contains("\nadvice     'wasmton new' makes"), run.out());
    }

    @Test
    void writesJson() throws Exception {
        JsonNode node = new ObjectMapper().readTree(
                ProgramRun.of("inspect", guest("messages").toString(), "--json").out());
        assertEquals("protocol 0, a core module", node.get("kind").textValue());
        assertTrue(node.get("runs").booleanValue());
        assertTrue(node.at("/parts/code").longValue() > 1_000, node.toString());
        assertEquals(64, node.get("sha256").textValue().length());
    }

    @Test
    void tellsWhetherTheCacheHasTheCode(@TempDir Path folder) {
        String[] line = {"inspect", guest("router").toString(), "--code-cache", folder.resolve("code").toString()};
        assertTrue(ProgramRun.of(line).out().contains("\nruns       yes; compiled in "));
        assertTrue(ProgramRun.of(line).out().contains("\nruns       yes; loaded from the code cache in "));
    }

    @Test
    void refusesWhatIsNoWebAssembly() {
        ProgramRun run = ProgramRun.of("inspect", "build.gradle");
        assertEquals(ExitCode.BAD_INPUT, run.exitCode());
        assertTrue(run.err().contains("build.gradle"), run.err());
    }

    @Test
    void saysHowToInspectTheTextFormat(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("a.wat"), "\n(module)\n");
        ProgramRun run = ProgramRun.of("inspect", file.toString());
        assertEquals(ExitCode.BAD_INPUT, run.exitCode());
        assertTrue(run.err().contains("in the text format. Make the binary format of it, by 'wasm-tools parse -o "),
                run.err());
    }
}
