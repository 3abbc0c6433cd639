package io.github.wasmton.internal.cli;

import static io.github.wasmton.internal.cli.TemplateTest.run;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import io.github.wasmton.internal.author.Template;
import io.github.wasmton.testing.ProgramRun;

/** The template batch: in each language a processor that takes batches and that its own cases test. */
class BatchTemplateTest {
    @TempDir
    Path folder;

    static List<String> languages() {
        return Template.languages(Template.BATCH);
    }

    @ParameterizedTest
    @MethodSource("languages")
    @Timeout(value = 20, unit = TimeUnit.MINUTES)  // compilers, on a busy machine
    void processorOfEachLanguageTakesBatches(String language) {
        String project = folder.resolve("my-lines").toString();
        ProgramRun run = run("new", "--template", "batch", "--lang", language, project);
        assertEquals(ExitCode.OK, run.exitCode(), run.out() + run.err());
        run = run("build", project);
        assertEquals(ExitCode.OK, run.exitCode(), run.out() + run.err());
        run = run("test", project, "--compile-deadline", "10m");
        assertTrue(run.out().endsWith("\n3 cases, 0 failed\n"), run.out() + run.err());
        // The batches of the file, and no service.
        run = run("invoke", project, "--value", "a", "--value", "b", "--compile-deadline", "10m");
        assertTrue(run.out().startsWith("batch of 2 from tasks-0@0: returned in "), run.out() + run.err());
        assertTrue(run.out().contains("2 tasks: 2 retry"), run.out() + run.err());
    }

    @Test
    @Timeout(value = 20, unit = TimeUnit.MINUTES)
    void goWithoutItsTagFailsAtTheStart() throws Exception {
        Path project = folder.resolve("my-lines");
        ProgramRun run = run("new", "--template", "batch", "--lang", "go", project.toString());
        assertEquals(ExitCode.OK, run.exitCode(), run.out() + run.err());
        Path file = project.resolve("wasmton.properties");
        String settings = Files.readString(file);
        assertTrue(settings.contains(" -tags batch"), settings);
        Files.writeString(file, settings.replace(" -tags batch", ""));
        run = run("build", project.toString());
        assertEquals(ExitCode.OK, run.exitCode(), run.out() + run.err());
        run = run("invoke", project.toString(), "--value", "a", "--compile-deadline", "10m");
        assertEquals(ExitCode.BAD_INPUT, run.exitCode(), run.out() + run.err());
        assertTrue((run.out() + run.err()).contains("wasmton.HandleBatch needs a build with -tags batch"),
                run.out() + run.err());
    }
}
