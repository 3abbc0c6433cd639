package io.github.wasmton.internal.cli;

import static io.github.wasmton.testing.TestGuests.guest;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import io.github.wasmton.Wasmton;
import io.github.wasmton.testing.Await;
import io.github.wasmton.testing.Guests;

class DevCommandTest {
    @TempDir
    Path folder;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final PipedOutputStream keyboard = new PipedOutputStream();
    private final InputStream before = System.in;
    private final Wasmton wasmton = new Wasmton(new PrintStream(out, true, UTF_8), new PrintStream(out, true, UTF_8),
            Map.of("PATH", System.getenv("PATH")));
    private Path source;
    private CompletableFuture<Integer> run;

    @BeforeEach
    void makeProject() throws IOException {
        System.setIn(new PipedInputStream(keyboard));
        source = Files.createDirectories(folder.resolve("src")).resolve("guest.wat");
        Files.createDirectories(folder.resolve("cases"));
        Files.writeString(folder.resolve("wasmton.properties"), """
                project.build = if grep -q broken src/guest.wat; then echo syntax error; exit 1; fi; \\
                    cp src/guest.wat guest.wat
                project.sources = src
                processor-wasm = guest.wat
                """);
        cases("good");
    }

    @AfterEach
    void stop() throws Exception {
        wasmton.stop();
        keyboard.close();
        if (run != null) {
            run.get(5, TimeUnit.MINUTES);
        }
        System.setIn(before);
    }

    private void cases(String value) throws IOException {
        Files.writeString(folder.resolve("cases/a.json"),
                "{\"cases\": [{\"name\": \"n\", \"record\": {\"value\": \"" + value + "\"}}]}");
    }

    private void start(String... options) {
        String[] line = new String[options.length + 2];
        line[0] = "dev";
        line[1] = folder.toString();
        System.arraycopy(options, 0, line, 2, options.length);
        run = CompletableFuture.supplyAsync(() -> wasmton.run(line));
    }

    private void type(String text) throws IOException {
        keyboard.write((text + "\n").getBytes(UTF_8));
        keyboard.flush();
    }

    /** Waits until that text was printed that often. */
    private void printed(String text, int times) throws Exception {
        Await.until("the output has " + times + " times '" + text + "':\n" + out.toString(UTF_8), () -> {
            boolean ended = run.isDone();
            boolean found = out.toString(UTF_8).split(java.util.regex.Pattern.quote(text), -1).length > times;
            assertTrue(found || !ended, () -> "It ended with " + run.join() + " and without '" + text + "':\n"
                    + out.toString(UTF_8));
            return found;
        });
    }

    @Test
    void swapsOnSaveAndKeepsTheOldVersionAfterAFailedBuild() throws Exception {
        Files.writeString(source, Guests.MISDEEDS);
        start("--value", "good");
        printed("1 case, 0 failed", 1);
        printed("Type the value of a record", 1);
        type("trap");
        printed("tasks-0@0: done in ", 1);
        printed("tasks-0@0: trap (", 1);

        Files.writeString(source, "broken");
        printed("syntax error\nThe build failed with exit code 1: ", 1);
        printed("keeps running. Waiting for a file to be saved.", 1);
        type("trap");
        printed("tasks-0@1: trap (", 1);
        printed("(The last build failed; this is the version of ", 1);

        // The function run returns another status for each first byte: without it, 't' is like any other.
        Files.writeString(source, Guests.MISDEEDS.replace("(i32.const 116)", "(i32.const 1)"));
        printed("The new version has been running since ", 2);
        type("trap");
        printed("tasks-0@2: done in ", 1);

        cases("2");
        printed("1 case, 1 failed", 1);
        keyboard.close();
        assertEquals(ExitCode.OK, run.get(5, TimeUnit.MINUTES), out.toString(UTF_8));
    }

    @Test
    void storesLiveAsLongAsTheSession() throws Exception {
        Path wasm = guest("count");
        Files.writeString(source, "first");
        Files.writeString(folder.resolve("wasmton.properties"), """
                project.build = cp %s count.wasm
                project.sources = src
                processor-wasm = count.wasm
                state = counts
                """.formatted(wasm));
        Files.writeString(folder.resolve("cases/a.json"), """
                {"cases": [{"name": "n", "record": {"key": "k"}, "expect": {"state": {"counts": {"k": "1"}}}}]}
                """);
        Path state = Files.writeString(folder.resolve("state.json"), "{\"counts\": {\"k\": \"41\"}}");
        start("--key", "k", "--state-file", state.toString());
        printed("1 case, 0 failed", 1);
        type("x");
        printed("  state  counts: k = 42", 1);
        Files.writeString(source, "second");
        printed("The new version has been running since ", 2);
        type("x");
        printed("  state  counts: k = 43", 1);
        keyboard.close();
        assertEquals(ExitCode.OK, run.get(5, TimeUnit.MINUTES), out.toString(UTF_8));
    }

    /** Runs with options for the engine and for failures; those for another Kafka are left out. */
    @Test
    void kafkaOfTheSessionHasTheOptionsOfTheFile() throws Exception {
        Files.writeString(source, "first");
        Files.delete(folder.resolve("cases/a.json"));
        Files.writeString(folder.resolve("wasmton.properties"), """
                project.build = cp %s batch.wasm
                project.sources = src
                processor-wasm = batch.wasm
                exactly-once = true
                batch = 3
                linger = 1h
                kafka.security.protocol = SSL
                group = of-the-file
                output-topic = outputs
                dead-letter-topic = dead
                """.formatted(guest("probe-batch")));
        start("--with-kafka");
        printed("Type the value of a record", 1);
        type("produce outputs x");
        type("dead-letter bad");
        type("last");
        printed("  out  outputs: null = x", 1);
        printed("  out  dead: null = dead-letter bad", 1);
        printed(" 1 dead-lettered", 1);
        printed("engine streams (it has exactly-once and state), topic tasks (1 partitions)", 1);
        printed(", group of-the-file, batches of up to 3 tasks on 1 threads, exactly once", 1);
        keyboard.close();
        assertEquals(ExitCode.OK, run.get(5, TimeUnit.MINUTES), out.toString(UTF_8));
    }

    @Test
    void saysWhereOptionsOfTheRunBelong() throws Exception {
        start("--with-kafka", "--exactly-once");
        assertEquals(ExitCode.BAD_INPUT, run.get(5, TimeUnit.MINUTES), out.toString(UTF_8));
        assertTrue(out.toString(UTF_8).startsWith("Unknown option '--exactly-once'. It belongs to 'wasmton run'. For "
                + "--with-kafka write it into wasmton.properties, as a line such as 'exactly-once = ...'."),
                out.toString(UTF_8));
    }

    @Test
    void waitsForTheFirstVersionThatRuns() throws Exception {
        Files.writeString(source, "(module)");
        start();
        printed("it exports nothing at all", 1);
        printed("No version runs yet.", 1);
        type("good");
        Files.writeString(source, Guests.MISDEEDS);
        printed("tasks-0@0: done in ", 1);
    }

    @Test
    void endsWithAFailureIfNoVersionRanAtTheEndOfTheInput() throws Exception {
        Files.writeString(source, "broken");
        start();
        keyboard.close();
        assertEquals(ExitCode.FAILED, run.get(5, TimeUnit.MINUTES), out.toString(UTF_8));
        assertTrue(out.toString(UTF_8).contains("syntax error"), out.toString(UTF_8));
    }

    @Test
    void processesWhatWasTypedBeforeTheEndOfTheInput() throws Exception {
        Files.writeString(source, Guests.MISDEEDS);
        type("good");
        type("2");
        keyboard.close();
        start();
        assertEquals(ExitCode.OK, run.get(5, TimeUnit.MINUTES), out.toString(UTF_8));
        assertTrue(out.toString(UTF_8).contains("tasks-0@1: dead-letter (run returned 2)"), out.toString(UTF_8));
    }

    @Test
    void saysThatItWasSavedOnlyAfterAFileWasSaved() throws Exception {
        Files.writeString(source, Guests.MISDEEDS);
        start();
        printed("Type the value of a record", 1);
        assertFalse(out.toString(UTF_8).contains("after the file was saved"), out.toString(UTF_8));
        Files.writeString(source, Guests.MISDEEDS.replace("(i32.const 116)", "(i32.const 1)"));
        printed("after the file was saved", 1);
    }

    @Test
    void brokenCasesHaveNoCount() throws Exception {
        Files.writeString(source, Guests.MISDEEDS);
        Files.writeString(folder.resolve("cases/a.json"), "{\"cases\": [{\"name\": \"n\", \"record\"");
        start();
        printed("Type the value of a record", 1);
        String printed = out.toString(UTF_8);
        assertTrue(printed.contains("The cases cannot run: " + folder.resolve("cases/a.json") + ": it is not JSON: "
                + "line 1, column "), printed);
        assertTrue(printed.contains(": it ends too early; a bracket or a quote is not closed.\n"), printed);
        assertFalse(printed.contains("0 failed") || printed.contains("Source"), printed);
    }

    @Test
    void checksTheFilesOfRecordsBeforeItBuilds() throws Exception {
        start("--lines", "-");
        assertEquals(ExitCode.BAD_INPUT, run.get(5, TimeUnit.MINUTES), out.toString(UTF_8));
        assertTrue(out.toString(UTF_8).contains("so - cannot be the file of --lines"), out.toString(UTF_8));
        start("--records", folder.resolve("nowhere").toString());
        assertEquals(ExitCode.BAD_INPUT, run.get(5, TimeUnit.MINUTES), out.toString(UTF_8));
        assertTrue(out.toString(UTF_8).endsWith("There is no file " + folder.resolve("nowhere") + " for --records. "
                + "Name a file, or - for standard input.\n"), out.toString(UTF_8));
        assertFalse(out.toString(UTF_8).contains("Built"), out.toString(UTF_8));
    }

    @Test
    void changedOptionsNeedARestart() throws Exception {
        Files.writeString(source, Guests.MISDEEDS);
        start();
        printed("Type the value of a record", 1);
        Path file = folder.resolve("wasmton.properties");
        Files.writeString(file, Files.readString(file) + "deadline = 1s\n");
        printed(file + " was saved. To use its new lines, end this by Ctrl-D and start it again.", 1);
    }

    @Test
    void stopEndsIt() throws Exception {
        Files.writeString(source, Guests.MISDEEDS);
        start();
        printed("Type the value of a record", 1);
        wasmton.stop();
        assertEquals(ExitCode.OK, run.get(5, TimeUnit.MINUTES), out.toString(UTF_8));
    }

    @Test
    void runsOnAKafkaInThisProcess() throws Exception {
        Files.copy(guest("router"), source);
        Files.delete(folder.resolve("cases/a.json"));
        Files.delete(folder.resolve("cases"));
        Files.writeString(folder.resolve("wasmton.properties"), """
                project.build = cp src/guest.wat router.wasm
                project.sources = src
                processor-wasm = router.wasm
                output-topic = invoices
                guest-config.invoice = invoices
                """);
        start("--with-kafka", "--topic", "orders", "--header", "kind=invoice", "--key", "k");
        printed("with the topics invoices, orders.", 1);
        printed("Type the value of a record", 1);
        type("first");
        printed("  out  invoices: k = first", 1);
        printed("  tasks  1 done", 1);
        Files.setLastModifiedTime(source, FileTime.fromMillis(1));
        printed("The new version has been running since ", 2);
        type("second");
        printed("  out  invoices: k = second", 1);
        keyboard.close();
        assertEquals(ExitCode.OK, run.get(5, TimeUnit.MINUTES), out.toString(UTF_8));
        printed("1 tasks done, 0 failed", 2);
    }
}
