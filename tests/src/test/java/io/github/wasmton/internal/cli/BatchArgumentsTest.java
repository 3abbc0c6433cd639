package io.github.wasmton.internal.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import io.github.wasmton.testing.ProgramRun;
import io.github.wasmton.testing.TestGuests;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BatchArgumentsTest {
    private static final String[] NO_KAFKA = {"127.0.0.1:1", "topic"};

    private static void refuses(String message, String guest, String options) {
        List<String> args = new ArrayList<>(List.of("run"));
        args.addAll(List.of(options.split(" ")));
        args.addAll(List.of(NO_KAFKA));
        args.add(TestGuests.guest(guest).toString());
        ProgramRun run = ProgramRun.of(args.toArray(String[]::new));
        assertEquals(ExitCode.BAD_INPUT, run.exitCode(), run.err());
        assertTrue(run.err().contains(message), run.err());
        assertEquals(1, run.err().lines().count(), run.err());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "--exactly-once --streams group.protocol=streams | The engine streams has no batches with ",
        "--exactly-once --engine consumer | The engine consumer has neither exactly-once nor state, so it does ",
        "--state counts | it takes batches, and what a batch writes to a store belongs to none of its tasks, but ",
        "--table prices | belongs to none of its tasks, but --table grants prices. Leave the grant out, or write ",
        "--table prices --state counts | but --state and --table grant counts, prices. Leave the grant out, or write ",
        "--in-flight 10 | --in-flight is for one task at a time in each instance, and ",
        "--batch 0 | --batch must be at least 1, not 0."})
    void rejectsWhatAGuestThatTakesBatchesCannotHave(String options, String message) {
        refuses(message.strip(), "probe-batch", options);
    }

    @Test
    void batchesAreForGuestsThatTakeThem() {
        for (String option : List.of("--batch 5", "--linger 1s")) {
            refuses("--batch and --linger are for guests that take batches, and ", "probe-c", option);
        }
    }

    @Test
    void aMessageNamesTheFileThatASettingIsIn(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("orders.properties"), "batch = 5\nlinger = 1s\n");
        refuses("Leave them out. --batch and --linger come from " + file + '.', "probe-c", "--config-file " + file);
        refuses("Leave them out. --batch comes from " + file + '.', "probe-c", "--config-file " + file
                + " --linger 2s");
    }
}
