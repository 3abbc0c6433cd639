package io.github.wasmton.internal.cli;

import static io.github.wasmton.internal.cli.TemplateTest.run;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
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

/** The template count: in each language a processor with state that its own cases test. */
class CountTemplateTest {
    @TempDir
    Path folder;

    static List<String> languages() {
        return Template.languages(Template.COUNT);
    }

    private static void succeed(String... words) {
        ProgramRun run = run(words);
        assertEquals(ExitCode.OK, run.exitCode(), run.out() + run.err());
    }

    @ParameterizedTest
    @MethodSource("languages")
    @Timeout(value = 20, unit = TimeUnit.MINUTES)  // compilers, on a busy machine
    void processorOfEachLanguageCounts(String language) {
        String project = folder.resolve("my-totals").toString();
        succeed("new", "--template", "count", "--lang", language, project);
        succeed("build", project);
        ProgramRun run = run("test", project, "--compile-deadline", "10m");
        assertTrue(run.out().endsWith("\n5 cases, 0 failed\n"), run.out() + run.err());
        assertEquals("", run.err(), "the file grants the store");
        run = run("invoke", project, "--key", "a", "--value", "1", "--value", "2", "--compile-deadline",
                "10m");
        assertTrue(run.out().endsWith("\nStore counts: 1 entry\n  a = 2\n"), run.out() + run.err());
    }

    @ParameterizedTest
    @MethodSource("languages")
    void nothingStaysUnfilled(String language) throws IOException {
        for (Path file : Template.of(Template.COUNT, language).write(folder.resolve("my-totals"))) {
            String text = Files.readString(folder.resolve("my-totals").resolve(file));
            assertFalse(text.matches("(?s).*\\{\\{[a-z]+}}.*"), file.toString());
        }
    }

    /** Stores in JavaScript do what those of the guests state-* do in other languages. */
    @Test
    @Timeout(value = 20, unit = TimeUnit.MINUTES)
    void storesOfJavaScriptHaveAllFunctions() throws IOException {
        Path project = folder.resolve("words");
        succeed("new", "--template", "count", "--lang", "javascript", project.toString());
        Files.writeString(project.resolve("processor.js"), """
                import { log, processor, text } from 'wasmton';
                import { Store } from 'wasmton/state';

                export const taskHandler = processor((task) => {
                  const [word, name, ...args] = text(task.value).split(' ');
                  const store = new Store(name);
                  const tell = (entries) => log.info(entries.map(([k, v]) => `${text(k)}=${text(v)}`).join(' '));
                  const words = {
                    get: (key) => log.info(text(store.get(key)) || 'none'),
                    set: (key, value) => store.set(key, value),
                    size: (key, size) => store.set(key, new Uint8Array(Number(size))),
                    delete: (key) => store.delete(key),
                    scan: (from, to, limit) => tell(store.scan(from, to === '-' ? undefined : to, Number(limit))),
                    prefix: (prefix, limit) => tell(store.scanPrefix(prefix, Number(limit))),
                    last: () => tell(store.scanPrefix(new Uint8Array([255]), 9)),
                  };
                  words[word](...args);
                });
                """);
        succeed("build", project.toString());
        Path cases = Files.writeString(project.resolve("words.json"), """
                {"state": {"counts": {"a": "1", "ab": "2", "b": "3"}}, "cases": [
                  {"name": "gets", "record": {"value": "get counts ab"}, "expect": {"log": ["INFO 2"]}},
                  {"name": "gets nothing", "record": {"value": "get counts c"}, "expect": {"log": ["INFO none"]}},
                  {"name": "sets", "before": [{"value": "set counts c 4"}], "record": {"value": "delete counts ab"},
                   "expect": {"state": {"counts": {"a": "1", "b": "3", "c": "4"}}}},
                  {"name": "scans", "record": {"value": "scan counts ab - 9"}, "expect": {"log": ["INFO ab=2 b=3"]}},
                  {"name": "scans up to", "record": {"value": "scan counts a b 9"},
                   "expect": {"log": ["INFO a=1 ab=2"]}},
                  {"name": "limits", "record": {"value": "scan counts a - 1"}, "expect": {"log": ["INFO a=1"]}},
                  {"name": "scans a prefix", "record": {"value": "prefix counts a 9"},
                   "expect": {"log": ["INFO a=1 ab=2"]}},
                  {"name": "scans the last prefix", "record": {"value": "last counts"},
                   "state": {"counts": [{"key": {"base64": "//8="}, "value": "5"}, {"key": "a", "value": "1"}]},
                   "expect": {"log": ["=5"]}},
                  {"name": "stops without the store", "record": {"value": "get seen a"},
                   "expect": {"outcome": "fatal", "reason": "there is no store seen (--state)"}},
                  {"name": "stops at a table", "record": {"value": "set users a 1"},
                   "expect": {"outcome": "fatal", "reason": "users is a table, which is only read"}},
                  {"name": "refuses what is too large", "record": {"value": "size counts a 1000001"},
                   "expect": {"outcome": "dead-letter", "reason": "counts: "}}
                ]}
                """);
        ProgramRun run = run("test", project.toString(), "--cases", cases.toString(), "--table", "users",
                "--compile-deadline", "10m");
        assertTrue(run.out().endsWith("\n11 cases, 0 failed\n"), run.out() + run.err());
    }

    @Test
    void errorsNameTheTemplatesAndTheirLanguages() {
        assertEquals("There is no template 'counts'. Did you mean count? There are: orders, count, batch.\n",
                ProgramRun.of("new", "--template", "counts", folder.resolve("a").toString()).err());
        String error = ProgramRun.of("new", "--template", "count", "--lang", "zig", folder.resolve("a").toString())
                .err();
        assertTrue(error.startsWith("There is no template count for the language 'zig'."), error);
        assertTrue(error.endsWith(" There are: rust, python, javascript, typescript, go.\n"), error);
    }
}
