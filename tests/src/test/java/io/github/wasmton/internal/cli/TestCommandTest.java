package io.github.wasmton.internal.cli;

import static io.github.wasmton.testing.TestGuests.guest;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Pattern;

import javax.xml.parsers.DocumentBuilderFactory;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.w3c.dom.Element;

import io.github.wasmton.testing.Guests;
import io.github.wasmton.testing.ProgramRun;
import io.github.wasmton.testing.TestServer;

class TestCommandTest {
    /** A guest that reports a byte of its random numbers, and fails if its clock is not at 1970. */
    private static final String CLOCK_AND_RANDOM = """
            (module
              (import "decaton" "poll_task" (func $poll_task (param i64 i32) (result i32)))
              (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
              (import "wasi_snapshot_preview1" "clock_time_get" (func $clock (param i32 i64 i32) (result i32)))
              (memory (export "memory") 1)
              (func (export "run") (result i32)
                (drop (call $poll_task (i64.const 0) (i32.const 64)))
                (drop (call $random (i32.const 64) (i32.const 1)))
                (drop (call $clock (i32.const 0) (i64.const 1) (i32.const 72)))
                (if (i64.gt_u (i64.load (i32.const 72)) (i64.const 1000000)) (then (unreachable)))
                (i32.add (i32.const 100) (i32.load8_u (i32.const 64)))))
            """;

    @TempDir
    Path folder;

    private ProgramRun test(Path wasm, String cases, String... options) throws IOException {
        Path file = Files.writeString(folder.resolve("cases.json"), cases);
        List<String> line = new ArrayList<>(List.of("test", wasm.toString(), "--cases", file.toString()));
        line.addAll(List.of(options));
        return ProgramRun.of(line.toArray(String[]::new));
    }

    /** Runs the case that docs/writing.md shows. */
    @Test
    void documentedBatchIsThatOfTheSample() throws IOException {
        String page = Files.readString(Path.of(System.getProperty("wasmton.project.dir"), "docs/writing.md"));
        String section = page.substring(page.indexOf("\n## Batches\n"));
        int begin = section.indexOf("```json\n") + 8;
        String cases = section.substring(begin, section.indexOf("```", begin));
        ProgramRun run = test(guest("append"), cases, "--dir", folder + "::/");
        assertEquals(ExitCode.OK, run.exitCode(), run.out() + run.err());
        assertTrue(run.out().endsWith("\n1 case, 0 failed\n"), run.out());
        assertEquals("good\n", Files.readString(folder.resolve("lines")));
    }

    @Test
    void recordsOfABatchHaveTheirOwnExpectations() throws IOException {
        ProgramRun run = test(guest("probe-batch"), """
                {"cases": [{"name": "n", "batch": [
                  {"record": {"value": "produce out a"}, "expect": {"outputs": [{"topic": "out", "value": "b"}]}},
                  {"record": {"value": "skip old"}},
                  {"record": {"value": "dead-letter bad"}, "expect": {"outcome": "dead-letter", "reason": "bad"}}]}]}
                """, "--output-topic", "out");
        assertEquals(ExitCode.FAILED, run.exitCode(), run.out() + run.err());
        assertTrue(run.out().contains("record 1, output 1 value\n        - \"b\"\n        + \"a\"\n"), run.out());
        assertTrue(run.out().contains("record 2, outcome: expected done, was skip (old)\n"), run.out());
        assertEquals(2, run.out().split("record \\d, ", -1).length - 1, run.out());
    }

    @Test
    void batchThatFailsIsTriedTaskByTask() throws IOException {
        ProgramRun run = test(guest("probe-batch"), """
                {"cases": [{"name": "n", "expect": {"outcome": "trap", "log": ["batch: a, panic", "batch: a"]},
                  "batch": [
                  {"record": {"value": "a"}},
                  {"record": {"value": "panic"}, "expect": {"outcome": "trap"}}]}]}
                """);
        assertEquals(ExitCode.OK, run.exitCode(), run.out() + run.err());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "probe-batch | {'name': 'n', 'batch': []} | case 'n': 'batch' is a list of {\"record\"",
        "probe-batch | {'name': 'n', 'record': {}, 'batch': []} | case 'n': it has a 'record' and a 'batch'. Leave one",
        "probe-batch | {'name': 'n', 'batch': [{}]} | case 'n': 'batch' has a part without 'record'",
        "probe-batch | {'name': 'n', 'batch': [{'record': {'key': 'a'}}, {'record': {'key': 'a'}}]} | the same key",
        "probe-batch | {'name': 'n', 'batch': [{'record': {}, 'expect': {'log': ['a']}}]} | are of the whole batch",
        "probe-batch | {'name': 'n', 'batch': [{'record': {}}], 'expect': {'outputs': [{'topic': 'a'}]}} | has its own",
        "append | {'name': 'n', 'batch': [{'record': {}, 'of': 1}]} | a record of a batch has no field 'of'",
        "probe | {'name': 'n', 'batch': [{'record': {}}]} | and the processor takes one record at a time"})
    void refusesABatchThatCannotBe(String guest, String test, String message) throws IOException {
        ProgramRun run = test(guest(guest), "{\"cases\": [" + test.replace('\'', '"') + "]}");
        assertEquals(ExitCode.BAD_INPUT, run.exitCode(), run.out() + run.err());
        assertTrue(run.err().contains(message), run.err());
    }

    private ProgramRun router(String cases, String... options) throws IOException {
        List<String> all = new ArrayList<>(List.of("--output-topic", "invoices", "--guest-config", "invoice=invoices"));
        all.addAll(List.of(options));
        return test(guest("router"), cases, all.toArray(String[]::new));
    }

    private Path misdeeds() throws IOException {
        return Files.writeString(folder.resolve("misdeeds.wat"), Guests.MISDEEDS);
    }

    @Test
    void casesPassThatExpectWhatHappens() throws Exception {
        ProgramRun run = router("""
                // Comments are allowed.
                {"cases": [
                  {"name": "routes",
                   "record": {"key": "k", "value": {"a": 1, "b": [2]}, "headers": {"kind": "invoice"}},
                   "expect": {"outputs": [{"topic": "invoices", "key": "k", "value": {"b": [2.0], "a": 1},
                       "headers": {"kind": "invoice"}}]}},
                  {"name": "refuses", "record": {"headers": {"kind": "offer"}},
                   "expect": {"outcome": "dead-letter", "reason": "offer"}},
                  {"name": "other settings", "settings": {"invoice": "refunds"},
                   "record": {"value": "", "headers": {"kind": "invoice"}},
                   "expect": {"outcome": "fatal", "log": ["refunds"]}}
                ]}
                """);
        assertEquals(ExitCode.OK, run.exitCode(), run.out() + run.err());
        assertTrue(run.out().contains("ok    routes ("), run.out());
        assertTrue(run.out().endsWith("3 cases, 0 failed\n"), run.out());
    }

    /** A case grants the stores that it gives, and a failed attempt leaves nothing in them. */
    @Test
    void caseGivesEntriesOfStoresAndExpectsThemAfterwards() throws Exception {
        ProgramRun run = test(guest("count-component"), """
                {"cases": [
                  {"name": "counts", "state": {"counts": {"a": "41", "b": 7}}, "record": {"key": "a"},
                   "expect": {"state": {"counts": {"a": 42, "b": "7"}}}},
                  {"name": "begins empty", "before": [{"key": "a"}, {"key": "a"}], "record": {"key": "c"},
                   "state": {"counts": [{"key": {"base64": "/w=="}, "value": "1"}]},
                   "expect": {"state": {"counts": [{"key": "a", "value": "2"}, {"key": "c", "value": "1"},
                       {"key": {"base64": "/w=="}, "value": "1"}]}}},
                  {"name": "drops", "state": {"counts": {"a": "1"}}, "record": {"value": "set-and-retry counts a 2"},
                   "expect": {"outcome": "retry", "state": {"counts": {"a": "1"}}}},
                  {"name": "is wrong", "state": {"counts": {"x": "1"}}, "record": {"key": "a"},
                   "expect": {"state": {"counts": {"a": "2"}}}}
                ]}
                """);
        assertEquals(ExitCode.FAILED, run.exitCode(), run.out() + run.err());
        assertTrue(run.out().contains("ok    counts (") && run.out().contains("ok    begins empty (")
                && run.out().contains("ok    drops ("), run.out());
        assertTrue(run.out().contains("state counts, key \"a\"\n        - \"2\"\n        + \"1\"\n"), run.out());
        assertTrue(run.out().contains("state counts, key \"x\"\n        - nothing\n        + \"1\"\n"), run.out());
        assertTrue(run.out().endsWith("4 cases, 1 failed\n"), run.out());
        assertEquals("Warning: the cases have the store 'counts', and the options do not grant it. 'wasmton run' needs "
                + "--state counts, or the line 'state = counts' in wasmton.properties.\n", run.err());
    }

    @Test
    void unknownStoreIsAnErrorThatNamesTheStores() throws Exception {
        String cases = """
                {"cases": [
                  {"name": "a", "record": {"key": "a"}},
                  {"name": "b", "record": {"key": "a"}, "expect": {"state": {"count": {}}}}
                ]}
                """;
        ProgramRun run = test(guest("count"), cases, "--state", "counts", "--state", "seen");
        assertEquals(ExitCode.BAD_INPUT, run.exitCode(), run.out());
        assertEquals(folder.resolve("cases.json") + ": case 'b': 'expect' has the store 'count', and the processor has "
                + "only: counts, seen. --state grants one, and 'state' of the case does for the case\n", run.err());
        assertEquals("", run.out());
        assertTrue(test(guest("count"), cases).err().contains("and the processor has none. --state grants"));
    }

    @Test
    void failedCaseShowsEachDifference() throws Exception {
        ProgramRun run = router("""
                {"cases": [{"name": "routes",
                  "record": {"key": "k", "value": {"a": 1, "b": {"c": [1, 2]}}, "headers": {"kind": "invoice"}},
                  "expect": {"log": ["INFO x"], "outputs": [
                    {"topic": "invoice", "key": "l", "value": {"a": 1, "b": {"c": [1, 3]}}},
                    {"topic": "refunds"}]}}]}
                """);
        assertEquals(ExitCode.FAILED, run.exitCode(), run.err());
        for (String part : List.of("FAIL  routes", """
                output 1 topic
                        - invoice
                        + invoices
                """, """
                output 1 key
                        - "l"
                        + "k"
                """, """
                output 1 value
                        - /b/c/1: 3
                        + /b/c/1: 2
                """, """
                output 2: missing
                        - {"topic":"refunds"}
                """, "log: no line contains 'INFO x'; there is no line", "1 case, 1 failed")) {
            assertTrue(run.out().contains(part), part + " in:\n" + run.out());
        }
    }

    @Test
    void producedRecordThatIsNotExpectedFails() throws Exception {
        ProgramRun run = router("""
                {"cases": [{"name": "n", "record": {"key": "k", "value": "v", "headers": {"kind": "invoice"}}}]}
                """);
        assertTrue(run.out().contains("output 1: not expected\n        + {\"topic\":\"invoices\","),
                run.out());
    }

    @Test
    void wrongOutcomeFailsWithTheReasonOfTheGuest() throws Exception {
        ProgramRun run = test(misdeeds(), "{\"cases\": [{\"name\": \"n\", \"record\": {\"value\": \"trap\"}}]}");
        assertEquals(ExitCode.FAILED, run.exitCode());
        assertTrue(run.out().contains("outcome: expected done, was trap (wasm trap: "), run.out());
    }

    @Test
    void eachCaseHasAnInstanceOfItsOwnAndTheRecordsBefore() throws Exception {
        Path counter = Files.writeString(folder.resolve("counter.wat"), """
                (module
                  (import "decaton" "poll_task" (func $poll_task (param i64 i32) (result i32)))
                  (memory (export "memory") 1)
                  (global $n (mut i32) (i32.const 9))
                  (func (export "run") (result i32)
                    (drop (call $poll_task (i64.const 0) (i32.const 64)))
                    (global.set $n (i32.add (global.get $n) (i32.const 1)))
                    (if (result i32) (i32.eq (global.get $n) (i32.const 12)) (then (i32.const 77))
                      (else (i32.const 0)))))
                """);
        ProgramRun run = test(counter, """
                {"cases": [
                  {"name": "first", "record": {"value": "a"}},
                  {"name": "second", "record": {"value": "a"}},
                  {"name": "third", "record": {"value": "a"}},
                  {"name": "after two", "before": [{"value": "a"}, {"value": "a"}], "record": {"value": "a"},
                   "expect": {"outcome": "refused", "reason": "run returned 77"}}]}
                """);
        assertEquals(ExitCode.OK, run.exitCode(), run.out() + run.err());
    }

    @Test
    void clockAndRandomNumbersAreFixed() throws Exception {
        Path wasm = Files.writeString(folder.resolve("clock.wat"), CLOCK_AND_RANDOM);
        TreeSet<String> reasons = new TreeSet<>();
        for (int seed = 1; seed <= 6; seed++) {
            String cases = "{\"clock\": \"1970-01-01T00:00:00Z\", \"seed\": " + seed
                    + ", \"cases\": [{\"name\": \"n\", \"record\": {}}]}";
            String reason = reason(test(wasm, cases));
            assertEquals(reason, reason(test(wasm, cases)));
            reasons.add(reason);
        }
        assertNotEquals(1, reasons.size(), reasons.toString());
        ProgramRun real = test(wasm, "{\"cases\": [{\"name\": \"n\", \"record\": {}, "
                + "\"expect\": {\"outcome\": \"trap\"}}]}");
        assertEquals(ExitCode.OK, real.exitCode(), real.out());
    }

    private static String reason(ProgramRun run) {
        int at = run.out().indexOf("run returned ");
        assertTrue(at > 0, run.out() + run.err());
        return run.out().substring(at, run.out().indexOf(')', at));
    }

    @Test
    void answersHttpRequests() throws Exception {
        ProgramRun run = test(guest("http-get"), """
                {"settings": {"server": "${http.address}"}, "env": {"SERVER": "${http.address}"},
                 "cases": [
                  {"name": "gets", "record": {"value": {"path": "/a"}},
                   "http": {"/a": {"body": "content of a"}}},
                  {"name": "asks for another", "record": {"value": {"path": "/b"}},
                   "http": {"/a": {"body": "content of a"}}}]}
                """);
        assertEquals(ExitCode.FAILED, run.exitCode(), run.out() + run.err());
        assertTrue(run.out().contains("ok    gets"), run.out() + run.err());
        assertTrue(run.out().contains("http: there is no answer to GET /b"), run.out());
    }

    @Test
    void writesResultsInTheFormatOfJUnit() throws Exception {
        Path junit = folder.resolve("results.xml");
        ProgramRun run = test(misdeeds(), """
                {"cases": [{"name": "a <b> & \\"c\\"", "record": {"value": "good"}},
                           {"name": "bad", "record": {"value": "trap"}}]}
                """, "--junit", junit.toString());
        assertEquals(ExitCode.FAILED, run.exitCode(), run.err());
        Element suite = DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(junit.toFile())
                .getDocumentElement();
        assertEquals("2", suite.getAttribute("tests"));
        assertEquals("1", suite.getAttribute("failures"));
        assertEquals("a <b> & \"c\"", ((Element) suite.getElementsByTagName("testcase").item(0)).getAttribute("name"));
        Element failure = (Element) suite.getElementsByTagName("failure").item(0);
        assertTrue(failure.getAttribute("message").startsWith("outcome: expected done, was trap"));
        assertTrue(failure.getTextContent().contains("outcome: expected done"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "{\"case\": []}                                           | a file of cases has no field 'case'",
        "{\"cases\": []}                                          | at least one case",
        "{\"cases\": [{\"name\": \"n\"}]}                         | case 'n': it has no 'record'",
        "{\"cases\": [{\"record\": {}}]}                          | case 1: 'name' must be a string",
        "{\"cases\": [{\"name\": \"n\", \"record\": {\"k\": 1}}]} | case 'n': a record has no field 'k'",
        "{\"cases\": [{\"name\": \"n\", \"record\": {}, \"expect\": {\"outcome\": \"ok\"}}]} | no outcome 'ok'",
        "{\"cases\": [{\"name\": \"n\", \"record\": {}, \"clock\": \"noon\"}]} | 'clock' is a time such as",
        "{\"cases\": [{\"name\": \"n\", \"record\": {}, \"expect\": {\"reason\": \"x\"}}]} | done has no reason",
        "{\"cases\": [{\"name\": \"n\", \"record\": {}}, {\"name\": \"n\", \"record\": {}}]} | has the same name",
        "{\"cases\": [{\"name\": \"n\", \"record\": {}, \"settings\": {\"a\": 1}}]} | 'a' must be a string, not 1",
        "{\"cases\": [}]                                         | JSON: line 1, column 12: Unexpected close marker",
        "{\"cases\": [{,}]}                                      | column 13: Unexpected character (',')",
        "{\"cases\": [], \"cases\": []}                           | there are two fields 'cases'",
        "{\"cases\":                                              | it is not JSON: line 1, column"})
    void mistakeInAFileOfCasesNamesItsPlace(String json, String message) throws Exception {
        ProgramRun run = test(misdeeds(), json);
        assertEquals(ExitCode.BAD_INPUT, run.exitCode(), run.out());
        assertTrue(run.err().contains("cases.json: ") && run.err().contains(message), run.err());
    }

    @Test
    void projectBringsProcessorOptionsAndCases() throws Exception {
        Files.copy(guest("router"), folder.resolve("router.wasm"));
        Files.createDirectories(folder.resolve("cases"));
        Files.writeString(folder.resolve("cases/a.json"), """
                {"cases": [{"name": "routes", "record": {"key": "k", "value": "v", "headers": {"kind": "invoice"}},
                  "expect": {"outputs": [{"topic": "invoices", "key": "k", "value": "v"}]}}]}
                """);
        Path file = Files.writeString(folder.resolve("wasmton.properties"), """
                project.build = true
                processor-wasm = router.wasm
                output-topic = invoices
                guest-config.invoice = invoices
                dead-letter-topic = of-run
                """);
        ProgramRun run = ProgramRun.of("test", folder.toString());
        assertEquals(ExitCode.OK, run.exitCode(), run.out() + run.err());
        assertEquals("", run.err());
        Files.writeString(file, Files.readString(file) + "project.sources = src\n");
        Path source = Files.writeString(Files.createDirectories(folder.resolve("src")).resolve("lib.rs"), "");
        Files.setLastModifiedTime(source, FileTime.from(Instant.now().plusSeconds(100)));
        assertTrue(ProgramRun.of("test", folder.toString()).err().startsWith("Warning: " + source + " is newer than "));
        run = ProgramRun.of("run", "--config-file", file.toString(), "--print-config", "a:1", "orders");
        assertTrue(run.out().matches("(?s).*topic +orders .*processor-wasm +"
                + Pattern.quote(folder.resolve("router.wasm").toString()) + " .*"), run.out() + run.err());
        Files.writeString(file, "processor-wasm = router.wasm\nproject.bulid = true\n");
        run = ProgramRun.of("test", folder.toString());
        assertTrue(run.err().contains("there is no line 'project.bulid'. There are: project.build"),
                run.err());
    }

    /** By sockets of a component, by WasmEdge's sockets, by wasi:http and by protocol 1. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "http-get    | {'path': '/a'}            | http://a.example/a",
        "http-get-go | {'path': '/a'}            | http://A.example:8000/a",
        "probe       | request https://b.example | https://b.example/",
        "probe-c     | http GET https://c.example/d -1 - | https://c.example/d"})
    void serverOfACaseStandsInForOthers(String name, String value, String url) throws Exception {
        String cases = """
                {"settings": {"server": "a.example:8000"}, "env": {"SERVER": "a.example:8000"}, "cases": [
                 {"name": "n", "record": {"value": VALUE},
                   "http": {"URL": {"body": "content of a", "request": {}}}},
                 {"name": "unasked", "record": {"value": VALUE},
                   "http": {"URL": {"body": "content of a"}, "POST URL": {"request": {"body": "x"}}}}]}
                """.replace("VALUE", value.startsWith("{") ? value.replace('\'', '"') : '"' + value + '"')
                .replace("URL", url);
        ProgramRun run = test(guest(name), cases);
        assertTrue(run.out().contains("ok    n ("), run.out() + run.err());
        assertTrue(run.out().contains("http: missing\n        - POST http://"), run.out());
        assertTrue(run.out().contains("\n2 cases, 1 failed\n"), run.out());
    }

    @Test
    void caseReachesNoServerButItsAnswersUnlessItAsksForThem() throws Exception {
        try (TestServer server = new TestServer(connection -> {
            connection.getInputStream().read(new byte[1000]);
            connection.getOutputStream().write("HTTP/1.1 204 No Content\r\n\r\n".getBytes(UTF_8));
        })) {
            for (String host : List.of("localhost", "127.0.0.1")) {
                String address = host + ':' + server.port();
                String value = "http GET http://" + address + "/a -1 -";
                String one = "{\"name\": \"%s\", \"record\": {\"value\": \"" + value + "\"}%s}";
                String cases = "{\"cases\": [" + one.formatted("none", "") + ", "
                        + one.formatted("answer", ", \"http\": {\"http://b.example/\": {}}") + ", "
                        + one.formatted("real", ", \"network\": true") + "]}";
                ProgramRun run = test(guest("probe-c"), cases, "--allow-net", address);
                assertTrue(run.out().contains("FAIL  none ("), run.out() + run.err());
                assertTrue(run.out().contains("FAIL  answer ("), run.out());
                assertTrue(run.out().contains("ok    real ("), run.out());
                assertEquals(host.equals("localhost"),
                        run.out().contains("http: there is no answer to GET http://localhost/a"), run.out());
            }
            assertEquals(2, server.accepted());
        }
    }

    @Test
    void comparesWhatATaskAddsToCounters() throws Exception {
        String one = "{\"name\": \"%s\", \"record\": {\"value\": \"count-up a 2\"}, \"expect\": {\"counts\": %s}}";
        ProgramRun run = test(guest("probe-c"), "{\"cases\": [" + one.formatted("right", "{\"a\": 2, \"b\": 0}") + ", "
                + one.formatted("wrong", "{\"a\": 3}") + "]}");
        assertTrue(run.out().contains("ok    right ("), run.out() + run.err());
        assertTrue(run.out().contains("count a: expected 3, was 2"), run.out());
        run = test(guest("probe-c"), "{\"cases\": [" + one.formatted("text", "{\"a\": \"2\"}") + "]}");
        assertTrue(run.err().contains("'counts' has whole numbers by the counter, not \"2\""), run.err());
        run = ProgramRun.of("invoke", guest("probe-c").toString(), "--value", "count-up a 2");
        assertTrue(run.out().contains("\n  count  a +2\n"), run.out() + run.err());
        run = ProgramRun.of("invoke", guest("probe-c").toString(), "--value", "count-up a 2", "--json");
        assertTrue(run.out().contains("\"counts\":{\"a\":2}"), run.out() + run.err());
    }

    @Test
    void comparesTheRequestsOfACase() throws Exception {
        ProgramRun run = test(guest("http-get"), """
                {"settings": {"server": "a.example:80"}, "cases": [{"name": "n", "record": {"value": {"path": "/a"}},
                  "http": {"http://a.example/a": {"request": {"headers": {"host": "b", "token": "c"}, "body": "d"}}}}]}
                """);
        assertTrue(run.out().contains("http GET http://a.example/a, header host\n        - b\n        + [a.example"),
                run.out() + run.err());
        assertTrue(run.out().contains("header token\n        - c\n        + null"), run.out());
        assertTrue(run.out().contains("http GET http://a.example/a, body\n        - \"d\""), run.out());
        run = test(guest("http-get"), """
                {"cases": [{"name": "n", "record": {"value": "x"}, "http": {"a.example/a": {}}}]}
                """);
        assertTrue(run.err().contains("'POST https://HOST/PATH', not by 'a.example/a'"), run.err());
    }

    @Test
    void showsTheLogOfACaseThatFailedUnexpectedly() throws Exception {
        Files.writeString(folder.resolve("a.json"), """
                {"cases": [{"name": "n", "record": {"value": "v", "headers": {"kind": "invoice"}}}]}
                """);
        ProgramRun run = ProgramRun.of("test", guest("router").toString(), "--cases",
                folder.resolve("a.json").toString(), "--guest-config", "invoice=invoices");
        assertEquals(ExitCode.FAILED, run.exitCode(), run.err());
        assertTrue(run.out().matches("(?s).* outcome: expected done, was fatal .*\n      log WARN .*--output-topic "
                + "invoices.*"), run.out());
    }

    @Test
    void showsExpectedAndFoundRecordsInOneForm() throws Exception {
        Files.writeString(folder.resolve("a.json"), """
                {"cases": [{"name": "n", "record": {"value": {"id": 1}, "headers": {"kind": "invoice"}}}]}
                """);
        ProgramRun run = ProgramRun.of("test", guest("router").toString(), "--cases",
                folder.resolve("a.json").toString(), "--guest-config", "invoice=invoices", "--output-topic",
                "invoices");
        assertTrue(run.out().contains("output 1: not expected\n        + {\"topic\":\"invoices\","), run.out());
        assertTrue(run.out().contains("\"value\":{\"id\":1}"), run.out());
    }

    @Test
    void checksThePlaceOfItsResultsBeforeTheRun() throws Exception {
        String cases = "{\"cases\": [{\"name\": \"n\", \"record\": {\"value\": \"good\"}}]}";
        ProgramRun run = test(misdeeds(), cases, "--junit", folder.resolve("no/results.xml").toString());
        assertEquals(ExitCode.BAD_INPUT, run.exitCode());
        assertEquals("There is no folder " + folder.resolve("no") + " for --junit. Make it first.\n", run.err());
        assertEquals("", run.out());
    }

    @Test
    void missingThingsAreNamed() throws Exception {
        assertTrue(ProgramRun.of("test", folder.resolve("nowhere").toString()).err().contains("There is no file or "
                + "folder "));
        String absent = folder.resolve("absent").toString();
        assertTrue(ProgramRun.of("test", misdeeds().toString(), "--cases", absent).err().contains("there is no file or "
                + "folder " + absent));
        assertTrue(ProgramRun.of("test", folder.toString()).err().contains("has no wasmton.properties"));
        Files.writeString(folder.resolve("wasmton.properties"), "processor-wasm = a.wasm\n");
        assertTrue(ProgramRun.of("test", folder.toString()).err().contains("Build it first, by 'wasmton build "));
        ProgramRun run = test(misdeeds(), "{\"cases\": [{\"name\": \"n\", \"record\": {}}]}", "--only", "m");
        assertTrue(run.err().contains("No case has a name with 'm' (--only). There are:\n    n\n"), run.err());
    }
}
