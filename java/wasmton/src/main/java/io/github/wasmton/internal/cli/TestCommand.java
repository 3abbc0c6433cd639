package io.github.wasmton.internal.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

import io.github.wasmton.guest.GuestModule;
import io.github.wasmton.guest.InvalidGuestException;
import io.github.wasmton.guest.Outcome;
import io.github.wasmton.internal.author.AttemptText;
import io.github.wasmton.internal.author.JUnitXml;
import io.github.wasmton.internal.author.Project;
import io.github.wasmton.internal.author.TestCase;
import io.github.wasmton.internal.author.TestRun;
import io.github.wasmton.internal.text.FileError;
import io.github.wasmton.internal.text.GuestLines;
import io.github.wasmton.internal.text.SettingNames;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Runs the cases of a processor, without a Kafka. */
@Command(name = "test", mixinStandardHelpOptions = true, versionProvider = Root.Version.class,
        description = {"Run the test cases of a processor, without Kafka.",
            "",
            "Cases are files of JSON in the folder 'cases': a record, and the expected outcome, produced records and "
                + "log lines; docs/writing.md describes them. Options also come from the folder's " + Project.FILE
                + "."},
        customSynopsis = "wasmton test [OPTIONS] [DIR|PROCESSOR_WASM]",
        exitCodeList = {
            "0:all cases passed",
            "1:a case failed",
            "2:invalid input; the message says what is needed"})
final class TestCommand extends ProcessorCommand {
    @Mixin
    Selection selection = new Selection();

    @Command(optionListHeading = "Cases")
    static final class Selection {
        @Option(names = "--cases", paramLabel = "PATH", converter = Form.File.class,
                description = "File of cases, or folder with such files. Default: the folder 'cases'.")
        Path cases;

        @Option(names = "--only", paramLabel = "TEXT", description = "Run only cases whose name contains this text.")
        String only;

        @Option(names = "--junit", paramLabel = "FILE", converter = Form.File.class,
                description = "File for the results in JUnit's XML format.")
        Path junit;

        @Mixin
        LogLevelArgument log = new LogLevelArgument();
    }

    @Mixin
    GuestLoading guest = new GuestLoading();

    @Mixin
    ConfigurationArguments configuration = new ConfigurationArguments();

    @Override
    public List<String> examples() {
        return List.of(
                "wasmton test",
                "wasmton test orders --only large --log-level debug",
                "wasmton test orders.wasm --cases cases/orders.json --junit results.xml");
    }

    @Override
    public int run(Session session) throws CommandException {
        Path wasm = processor.wasm(session.err());
        Project project = processor.project();
        checkJunit();
        Path cases = selection.cases != null ? selection.cases : project == null ? Path.of("cases") : project.cases();
        return GuestLoading.collecting(selection.log.level, lines -> test(session, wasm, cases(cases), lines));
    }

    /** Checks before the run that its results can be written. */
    private void checkJunit() throws BadInputException {
        if (selection.junit == null) {
            return;
        }
        Path folder = selection.junit.toAbsolutePath().getParent();
        if (folder == null || Files.isDirectory(selection.junit)) {
            throw new BadInputException("--junit " + selection.junit + " is a folder. Name a file.", null);
        }
        if (!Files.isDirectory(folder)) {
            throw new BadInputException("There is no folder " + folder + " for --junit. Make it first.", null);
        }
        if (!Files.isWritable(Files.exists(selection.junit) ? selection.junit : folder)) {
            throw new BadInputException("There is no permission to write " + selection.junit + " (--junit).", null);
        }
    }

    private List<TestCase> cases(Path place) throws BadInputException {
        List<TestCase> all;
        try {
            all = TestRun.read(place);
        } catch (IllegalArgumentException e) {
            throw new BadInputException("Cannot test: " + e.getMessage() + '.', e);
        } catch (IOException e) {
            throw new BadInputException("Cannot read the cases in " + place + ": " + FileError.of(e) + '.', e);
        }
        List<TestCase> selected = all.stream().filter(test -> selection.only == null
                || test.name().contains(selection.only)).toList();
        if (selected.isEmpty()) {
            throw new BadInputException("No case has a name with '" + selection.only + "' (--only). There are:"
                    + String.join("", all.stream().map(test -> "\n    " + test.name()).toList()), null);
        }
        return selected;
    }

    private int test(Session session, Path wasm, List<TestCase> cases, GuestLines lines) throws CommandException {
        List<TestRun.Result> results = new ArrayList<>();
        try (GuestModule plain = guest.load(wasm, guest.options(session), session)) {
            TestRun run = new TestRun(plain, options -> GuestModule.load(wasm, options, guest.cache.cache()), lines);
            warn(session.err(), run.check(cases));
            for (TestCase test : cases) {
                if (session.stop().isDone()) {
                    return ExitCode.FAILED;
                }
                results.add(run.run(test));
                print(session.out(), results.get(results.size() - 1));
            }
        } catch (InvalidGuestException | IllegalArgumentException e) {
            throw new BadInputException(SettingNames.in(e.getMessage()), e);
        }
        long failed = results.stream().filter(result -> !result.passed()).count();
        session.out().println(results.size() + (results.size() == 1 ? " case, " : " cases, ") + failed + " failed");
        if (selection.junit != null) {
            try {
                Files.writeString(selection.junit, JUnitXml.of(results));
            } catch (IOException e) {
                throw new BadInputException("Cannot write " + selection.junit + " for --junit: " + FileError.of(e)
                        + '.', e);
            }
        }
        return failed == 0 ? ExitCode.OK : ExitCode.FAILED;
    }

    /** Prints that 'wasmton run' will not have the stores of the cases. */
    static void warn(PrintStream out, Set<String> stores) {
        for (String store : stores) {
            out.println("Warning: the cases have the store '" + store + "', and the options do not grant it. 'wasmton "
                    + "run' needs --state " + store + ", or the line 'state = " + store + "' in " + Project.FILE + '.');
        }
    }

    /** Prints the result of a case. */
    static void print(PrintStream out, TestRun.Result result) {
        out.println((result.passed() ? "ok    " : "FAIL  ") + result.test().name() + " (" + result.test().file() + ", "
                + AttemptText.time(result.time()) + ')');
        for (String difference : result.differences()) {
            out.println("      " + difference.replace("\n", "\n      "));
        }
        // The lines tell why a task failed; a difference of the log shows them itself.
        if (!result.passed() && result.attempt() != null && result.attempt().outcome() instanceof Outcome.Failed
                && result.differences().stream().noneMatch(difference -> difference.startsWith("log: "))) {
            result.attempt().log().forEach(line -> out.println("      log " + line));
        }
    }
}
