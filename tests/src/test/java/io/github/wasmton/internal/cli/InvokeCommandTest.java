package io.github.wasmton.internal.cli;

import static io.github.wasmton.testing.TestGuests.guest;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import io.github.wasmton.testing.Guests;
import io.github.wasmton.testing.ProgramRun;

class InvokeCommandTest {
    @TempDir
    Path folder;
    private String misdeeds;

    @BeforeEach
    void writeGuest() throws Exception {
        misdeeds = Files.writeString(folder.resolve("misdeeds.wat"), Guests.MISDEEDS).toString();
    }

    private static ProgramRun invoke(String... args) {
        List<String> line = new ArrayList<>(List.of("invoke"));
        line.addAll(List.of(args));
        return ProgramRun.of(line.toArray(String[]::new));
    }

    @Test
    void showsEachOutcomeAndFailsIfATaskFailed() {
        ProgramRun run = invoke(misdeeds, "--value", "good", "--value", "trap", "--value", "2", "--value", "good");
        assertEquals(ExitCode.FAILED, run.exitCode(), run.err());
        assertTrue(run.out().contains("tasks-0@0: done in "), run.out());
        assertTrue(run.out().contains("tasks-0@1: trap (wasm trap: wasm `unreachable` instruction executed"),
                run.out());
        assertTrue(run.out().contains("tasks-0@2: dead-letter (run returned 2)"), run.out());
        assertTrue(run.out().contains("4 tasks: 1 dead-letter, 2 done, 1 trap; loaded and started in "), run.out());
        assertTrue(run.out().contains("2MiB of memory"), run.out());
    }

    @Test
    void givesABatch() {
        String batch = guest("probe-batch").toString();
        ProgramRun run = invoke(batch, "--batch", "3", "--output-topic", "out", "--value", "produce out x", "--value",
                "skip old", "--value", "c", "--value", "d");
        assertEquals(ExitCode.OK, run.exitCode(), run.out() + run.err());
        String text = run.out().replaceAll(" in [0-9.]+m?s", " in TIME");
        assertTrue(text.startsWith("""
                batch of 3 from tasks-0@0: returned in TIME
                  log  INFO batch: produce out x, skip old, c
                tasks-0@0: done in TIME
                  out  out: null = x
                tasks-0@1: skip (old) in TIME
                tasks-0@2: done in TIME
                batch of 1 from tasks-0@3: returned in TIME
                  log  INFO batch: d
                tasks-0@3: done in TIME
                4 tasks: 3 done, 1 skip; loaded"""), text);
        run = invoke(batch, "--batch", "3", "--json", "--value", "a", "--value", "panic");
        assertEquals(ExitCode.FAILED, run.exitCode(), run.out() + run.err());
        List<String> lines = run.out().lines().toList();
        assertEquals(3, lines.size(), run.out());
        assertTrue(lines.get(0).startsWith("{\"batch\":2,\"topic\":\"tasks\",\"partition\":0,\"offset\":0,"
                + "\"outcome\":\"trap\""), run.out());
        assertTrue(lines.get(1).contains("\"offset\":0,\"outcome\":\"done\""), run.out());
        assertTrue(lines.get(2).contains("\"offset\":1,\"outcome\":\"trap\""), run.out());
    }

    @Test
    void recordsWithOneKeyAreInDifferentBatches() {
        ProgramRun run = invoke(guest("probe-batch").toString(), "--batch", "3", "--key", "k", "--value", "a",
                "--value", "b");
        assertEquals(2, run.out().split("batch of 1 from ", -1).length - 1, run.out());
        run = invoke(misdeeds, "--batch", "3", "--value", "a");
        assertEquals(ExitCode.BAD_INPUT, run.exitCode(), run.out());
        assertTrue(run.err().startsWith("--batch is for processors that take batches, and " + misdeeds), run.err());
        assertEquals(ExitCode.BAD_INPUT, invoke(misdeeds, "--batch", "0", "--value", "a").exitCode());
    }

    @Test
    void saysWhichCommandHasAnOption() {
        ProgramRun run = invoke(misdeeds, "--linger", "1s", "--value", "a");
        assertEquals(ExitCode.BAD_INPUT, run.exitCode(), run.out());
        assertTrue(run.err().startsWith("Unknown option '--linger'. It belongs to 'wasmton run'.\n"), run.err());
    }

    @Test
    void keepsStoresFromRecordToRecordAndShowsThem() {
        ProgramRun run = invoke(guest("count").toString(), "--state", "counts", "--guest-config", "topic=out",
                "--output-topic", "out", "--key", "a", "--value", "1", "--value", "2");
        assertEquals(ExitCode.OK, run.exitCode(), run.err());
        assertTrue(run.out().contains("  out  out: a = 1\n  state  counts: a = 1\n"), run.out());
        assertTrue(run.out().contains("  out  out: a = 2\n  state  counts: a = 2\n"), run.out());
        assertTrue(run.out().endsWith("\nStore counts: 1 entry\n  a = 2\n"), run.out());
    }

    /** A task that fails leaves nothing, and a deleted key is shown as deleted. */
    @Test
    void storesBeginWithTheEntriesOfAFile() throws Exception {
        Path state = Files.writeString(folder.resolve("state.json"),
                """
                {"one": {"a": 41, "b": "x"}, "counts": [{"key": {"base64": "/w=="}, "value": "1"}]}
                """);
        String[] line = {guest("count-component").toString(), "--state", "one", "--state", "counts", "--state-file",
            state.toString(), "--value", "set-and-retry one a 2", "--value", "delete one b", "--value", "set one c 3"};
        ProgramRun run = invoke(line);
        assertTrue(run.out().contains("tasks-0@1: done in ") && run.out().contains("  state  one: b deleted\n"),
                run.out() + run.err());
        assertTrue(run.out().endsWith("\nStore one: 2 entries\n  a = 41\n  c = 3\nStore counts: 1 entry\n"
                + "  0xff = 1\n"), run.out());
        List<String> all = new ArrayList<>(List.of(line));
        all.add("--json");
        List<String> lines = invoke(all.toArray(String[]::new)).out().lines().toList();
        assertEquals(3, lines.size(), lines.toString());
        assertFalse(lines.get(0).contains("\"state\""), lines.get(0));
        assertTrue(lines.get(1).contains("\"state\":{\"one\":[{\"key\":\"b\",\"value\":null}]}"), lines.get(1));
        assertTrue(lines.get(2).contains("\"state\":{\"one\":[{\"key\":\"c\",\"value\":\"3\"}]}"), lines.get(2));
    }

    @Test
    void mistakesInAFileOfStateNameTheStores() throws Exception {
        Path state = Files.writeString(folder.resolve("state.json"), "{\"count\": {}}");
        ProgramRun run = invoke(guest("count").toString(), "--state", "counts", "--state-file", state.toString(),
                "--value", "x");
        assertEquals(ExitCode.BAD_INPUT, run.exitCode(), run.out());
        assertEquals("--state-file " + state + ": there is no store 'count'. There are: counts. --state grants one.\n",
                run.err());
        run = invoke(guest("count").toString(), "--state-file", state.toString(), "--value", "x");
        assertEquals("--state-file " + state + ": the processor has no stores. Grant those of the file by --state or "
                + "--table.\n", run.err());
        run = invoke(guest("count").toString(), "--state", "counts", "--state-file", "nowhere", "--value", "x");
        assertEquals("Cannot read the file of --state-file: there is no file or folder nowhere.\n", run.err());
    }

    @Test
    void succeedsIfEachTaskIsDoneOrSkipped() {
        assertEquals(ExitCode.OK, invoke(misdeeds, "--value", "good", "--value", "3").exitCode());
    }

    @Test
    void readsLinesOfAFileAndOfStandardInput() throws Exception {
        Path lines = Files.writeString(folder.resolve("lines"), "good\n\ntrap\n");
        ProgramRun run = invoke(misdeeds, "--lines", lines.toString(), "--topic", "orders");
        assertTrue(run.out().contains("orders-0@2: trap"), run.out());
        InputStream before = System.in;
        System.setIn(new ByteArrayInputStream("good\ngood\n".getBytes(UTF_8)));
        try {
            run = invoke(misdeeds, "--lines", "-");
        } finally {
            System.setIn(before);
        }
        assertTrue(run.out().contains("2 tasks: 2 done"), run.out() + run.err());
    }

    @Test
    void handsOverTheWholeRecordAndShowsWhatItProduced() throws Exception {
        Path records = Files.writeString(folder.resolve("records"), """
                {"key": "o-1", "value": {"id": 1}, "headers": {"kind": "invoice"}, "timestamp": 5}

                {"key": null, "value": {"base64": "/w=="}, "headers": [{"kind": "invoice"}]}
                {"value": null, "headers": {"kind": "offer"}}
                """);
        ProgramRun run = invoke(guest("router").toString(), "--records", records.toString(), "--json",
                "--guest-config", "invoice=invoices", "--output-topic", "invoices");
        assertEquals(ExitCode.FAILED, run.exitCode(), run.err());
        List<JsonNode> lines = new ArrayList<>();
        for (String line : run.out().lines().toList()) {
            lines.add(new ObjectMapper().readTree(line));
        }
        assertEquals(3, lines.size(), run.out());
        assertEquals("done", lines.get(0).get("outcome").textValue());
        assertEquals("""
                [{"topic":"invoices","timestamp":5,"key":"o-1","value":"{\\"id\\":1}","headers":[{"kind":"invoice"}]}]\
                """, lines.get(0).get("outputs").toString());
        assertEquals("/w==", lines.get(1).at("/outputs/0/value/base64").textValue());
        assertTrue(lines.get(1).at("/outputs/0/key").isNull());
        assertEquals("dead-letter", lines.get(2).get("outcome").textValue());
        assertTrue(lines.get(2).get("memory").longValue() > 0);
    }

    @Test
    void deniedTopicIsALogLineThatNamesTheOption() {
        ProgramRun run = invoke(guest("router").toString(), "--value", "x", "--header", "kind=invoice",
                "--guest-config", "invoice=invoices");
        assertEquals(ExitCode.FAILED, run.exitCode());
        assertTrue(run.out().contains("  log  WARN "), run.out());
        assertTrue(run.out().contains("--output-topic invoices"), run.out());
    }

    @Test
    void mistakesInRecordsNameTheLine() throws Exception {
        Path records = Files.writeString(folder.resolve("records"), "{\"value\": 1}\n{\"valeu\": 1}\n");
        ProgramRun run = invoke(misdeeds, "--records", records.toString());
        assertEquals(ExitCode.BAD_INPUT, run.exitCode());
        assertTrue(run.err().contains(", line 2: a record has no field 'valeu'. There are: attempt, headers, key"),
                run.err());
        Files.writeString(records, "{\"value\": 1");
        assertTrue(invoke(misdeeds, "--records", records.toString()).err().contains("line 1: it is not JSON"));
        assertTrue(invoke(misdeeds).err().contains("--value TEXT, --lines FILE or --records FILE"));
        assertTrue(invoke(misdeeds, "--lines", "nowhere").err().contains("There is no file nowhere for --lines"));
        assertTrue(invoke(misdeeds, "--value", "x", "--header", "x").err().contains("'x' is not NAME=VALUE"));
    }

    @Test
    void showsLinesOfTheLevelThatIsAskedFor() {
        String[] line = {guest("router").toString(), "--value", "x", "--header", "kind=invoice", "--guest-config",
            "invoice=invoices", "--log-level", "error"};
        assertFalse(invoke(line).out().contains("  log  "), invoke(line).out());
    }

    @Test
    void compilingHasADeadline() {
        ProgramRun run = invoke(guest("http-get-js").toString(), "--value", "x", "--code-cache", "none",
                "--compile-deadline", "1ms");
        assertEquals(ExitCode.BAD_INPUT, run.exitCode());
        assertTrue(run.err().contains("was not compiled within 1ms. --compile-deadline gives it more time"), run.err());
    }

    @Test
    void bytesThatAreNoTextNameTheLine() throws Exception {
        Path lines = Files.write(folder.resolve("lines"), new byte[] {'a', '\r', '\n', (byte) 0xff, '\n'});
        ProgramRun run = invoke(misdeeds, "--lines", lines.toString());
        assertEquals(ExitCode.BAD_INPUT, run.exitCode());
        assertEquals("--lines " + lines + ", line 2: it is not text in UTF-8. Give such a record by --records, with "
                + "its value as {\"base64\": \"...\"}.\n", run.err());
    }

    @Test
    void fileWithoutARecordIsInvalid() throws Exception {
        Path empty = Files.writeString(folder.resolve("empty"), "\n");
        ProgramRun run = invoke(misdeeds, "--records", empty.toString());
        assertEquals(ExitCode.BAD_INPUT, run.exitCode(), run.out());
        assertEquals("There is no record in " + empty + ".\n", run.err());
    }

    @ParameterizedTest
    @ValueSource(strings = {"invoke", "bench", "inspect", "compile", "test"})
    void eachCommandTakesTheFolderOfAProcessor(String command) throws Exception {
        Path file = folder.resolve("wasmton.properties");
        String needed = ProgramRun.of(command).err();
        assertTrue(needed.startsWith("DIR|PROCESSOR_WASM is missing. The working folder has no wasmton.properties"),
                needed);
        List<String> line = new ArrayList<>(List.of(command, folder.toString()));
        if (command.equals("invoke") || command.equals("bench")) {
            line.addAll(List.of("--value", "x", "--header", "kind=invoice"));
        }
        if (command.equals("bench")) {
            line.addAll(List.of("--duration", "30ms"));
        }
        assertTrue(ProgramRun.of(line.toArray(String[]::new)).err().contains("has no wasmton.properties"));
        Files.writeString(file, "processor-wasm = out/a.wasm\noutput-topic = invoices\n"
                + "guest-config.invoice = invoices\nproject.sources = src\n");
        Path wasm = folder.resolve("out/a.wasm");
        assertEquals("There is no file " + wasm + " yet. Build it first, by 'wasmton build " + folder + "'.\n",
                ProgramRun.of(line.toArray(String[]::new)).err());
        Files.createDirectories(wasm.getParent());
        Files.copy(guest("router"), wasm);
        Path cases = Files.createDirectories(folder.resolve("cases"));
        Files.writeString(cases.resolve("a.json"), """
                {"cases": [{"name": "n", "record": {"value": "v", "headers": {"kind": "invoice"}},
                  "expect": {"outputs": [{"topic": "invoices"}]}}]}
                """);
        ProgramRun run = ProgramRun.of(line.toArray(String[]::new));
        assertEquals(ExitCode.OK, run.exitCode(), run.out() + run.err());
        assertFalse(run.err().contains("newer"), run.err());
        Path source = Files.writeString(Files.createDirectories(folder.resolve("src")).resolve("lib.rs"), "");
        Files.setLastModifiedTime(source, FileTime.from(Instant.now().plusSeconds(100)));
        run = ProgramRun.of(line.toArray(String[]::new));
        assertEquals(ExitCode.OK, run.exitCode(), run.out() + run.err());
        assertTrue(run.err().startsWith("Warning: " + source + " is newer than " + wasm + ". To use it, run 'wasmton "
                + "build " + folder + "'.\n"), run.err());
    }

    @Test
    void limitsAreThoseOfRun() {
        ProgramRun run = invoke(misdeeds, "--value", "loop", "--value", "memory", "--deadline", "50ms");
        assertTrue(run.out().contains("tasks-0@0: deadline (the guest did not return within 50ms)"), run.out());
        assertTrue(run.out().contains("tasks-0@1: memory ("), run.out());
        assertTrue(run.out().contains("--max-memory"), run.out());
    }
}
