package io.github.wasmton.internal.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import io.github.wasmton.testing.Guests;
import io.github.wasmton.testing.ProgramRun;

class BenchCommandTest {
    @TempDir
    Path folder;
    private String misdeeds;

    @BeforeEach
    void writeGuest() throws Exception {
        misdeeds = Files.writeString(folder.resolve("misdeeds.wat"), Guests.MISDEEDS).toString();
    }

    @Test
    void measuresTheGivenRecords() throws Exception {
        ProgramRun run = ProgramRun.of("bench", misdeeds, "--value", "a", "--value", "3", "--duration", "90ms",
                "--json");
        assertEquals(ExitCode.OK, run.exitCode(), run.err());
        JsonNode result = new ObjectMapper().readTree(run.out());
        assertTrue(result.get("tasksPerSecond").doubleValue() > 100, run.out());
        double product = result.get("tasksPerSecond").doubleValue() * result.get("nanosecondsPerTask").doubleValue();
        assertEquals(1e9, product, 1);
        assertTrue(result.get("nanosecondsPercentile99").longValue() > 0, run.out());
        assertEquals(2 << 20, result.get("memory").longValue());
        long done = result.at("/outcomes/done").longValue();
        long skipped = result.at("/outcomes/skip").longValue();
        assertTrue(done > 0 && Math.abs(done - skipped) <= 1, run.out());
        assertTrue(ProgramRun.of("bench", misdeeds, "--value", "a", "--duration", "90ms").out()
                .contains(" ns per task, 99 % below "));
    }

    @Test
    void failsIfATaskFails() {
        ProgramRun run = ProgramRun.of("bench", misdeeds, "--value", "2", "--duration", "30ms");
        assertEquals(ExitCode.FAILED, run.exitCode());
        assertTrue(run.err().contains("Not all tasks were done: "), run.err());
        assertTrue(ProgramRun.of("bench", misdeeds).err().contains("--value TEXT, --lines FILE or --records FILE"));
    }
}
