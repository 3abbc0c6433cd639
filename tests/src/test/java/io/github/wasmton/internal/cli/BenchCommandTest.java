package io.github.wasmton.internal.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import io.github.wasmton.testing.Guests;
import io.github.wasmton.testing.ProgramRun;
import io.github.wasmton.testing.TestGuests;

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
        long median = result.get("nanosecondsMedian").longValue();
        assertTrue(median > 0 && median <= result.get("nanosecondsPercentile99").longValue(), run.out());
        assertEquals(2 << 20, result.get("memory").longValue());
        long done = result.at("/outcomes/done").longValue();
        long skipped = result.at("/outcomes/skip").longValue();
        assertTrue(done > 0 && Math.abs(done - skipped) <= 1, run.out());
        assertTrue(ProgramRun.of("bench", misdeeds, "--value", "a", "--duration", "90ms").out()
                .contains(" ns (median), 99 % take less than "));
    }

    @Test
    void givesABatchToAGuestThatTakesThem() throws Exception {
        String guest = TestGuests.guest("probe-batch").toString();
        ProgramRun run = ProgramRun.of("bench", guest, "--value", "a", "--value", "skip b", "--batch", "4",
                "--duration", "100ms", "--json");
        assertEquals(ExitCode.OK, run.exitCode(), run.err());
        JsonNode result = new ObjectMapper().readTree(run.out());
        assertEquals(result.at("/outcomes/done").longValue(), result.at("/outcomes/skip").longValue());
        assertTrue(ProgramRun.of("bench", guest, "--value", "a", "--value", "panic", "--batch", "4").err()
                .contains("as it was told"));
    }

    @Test
    void countsEachTaskOfACall() throws Exception {
        ProgramRun run = ProgramRun.of("bench", misdeeds, "--value", "a", "--value", "3", "--batch", "4", "--duration",
                "90ms", "--json");
        assertEquals(ExitCode.OK, run.exitCode(), run.err());
        JsonNode result = new ObjectMapper().readTree(run.out());
        long done = result.at("/outcomes/done").longValue();
        assertEquals(done, result.at("/outcomes/skip").longValue(), "half of each call is skipped");
        assertEquals(2 * done, result.get("tasks").longValue());
        assertTrue(ProgramRun.of("bench", misdeeds, "--value", "a", "--batch", "0").err().contains("--batch"));
    }

    @Test
    @Timeout(value = 5, unit = TimeUnit.MINUTES)
    void firstTaskThatFailsEndsIt() {
        ProgramRun run = ProgramRun.of("bench", misdeeds, "--value", "a", "--value", "loop", "--deadline", "50ms",
                "--duration", "1000m");
        assertEquals(ExitCode.FAILED, run.exitCode());
        assertEquals("", run.out());
        assertTrue(run.err().contains("A task failed, so there is no result. tasks-0@1: deadline (the guest did not "
                + "return within 50ms"), run.err());
        assertTrue(ProgramRun.of("bench", misdeeds).err().contains("--value TEXT, --lines FILE or --records FILE"));
    }
}
