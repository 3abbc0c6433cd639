package io.github.wasmton.internal.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import io.github.wasmton.testing.ProgramRun;
import picocli.CommandLine;

class CliTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private int wasmton(String... args) {
        out.reset();
        err.reset();
        return new Cli(new PrintStream(out, true, UTF_8), new PrintStream(err, true, UTF_8), Map.of()).run(args);
    }

    private List<String> lines(ByteArrayOutputStream stream) {
        return stream.toString(UTF_8).lines().toList();
    }

    @Test
    void helpListsCommandsExamplesAndExitCodes() {
        assertEquals(ExitCode.OK, wasmton("--help"));
        String help = out.toString(UTF_8);
        for (String part : List.of("\n  run ", "\n  demo ", "\n  dlq ", "\n  help ", "\nExamples:\n", "\nExit codes:\n",
                "\n  0 ", "\n  1 ", "\n  2 ")) {
            assertTrue(help.contains(part), part + " in:\n" + help);
        }
        String shown = help;
        for (String same : List.of("help", "-h")) {
            assertEquals(ExitCode.OK, wasmton(same));
            assertEquals(shown, out.toString(UTF_8));
        }
    }

    @Test
    void helpWorksForEveryCommand() {
        wasmton("dlq", "list", "--help");
        String help = out.toString(UTF_8);
        assertEquals(ExitCode.OK, wasmton("help", "dlq", "list"));
        assertEquals(help, out.toString(UTF_8));
    }

    @Test
    void everyHelpHasExitCodesAndThreeExamples() {
        int found = 0;
        for (CommandLine command : Commands.all()) {
            if (!(command.getCommand() instanceof Subcommand)) {
                continue;
            }
            found++;
            String help = command.getUsageMessage();
            assertTrue(help.contains("\nExit codes:\n  0  "), help);
            if (!(command.getCommand() instanceof DemoCommand)) {  // which takes no argument
                assertEquals(3, ((HelpText.Examples) command.getCommand()).examples().size(), help);
            }
            assertEquals(List.of(), help.lines().filter(line -> line.length() > 80).toList());
        }
        assertTrue(found > 12, found + " commands");
    }

    @Test
    void withoutArgumentsAndVariablesItPrintsItsHelp() {
        ProgramRun run = ProgramRun.with(Map.of("PATH", "/bin", "WASMTON_TERMINAL", "80"));
        assertEquals(ExitCode.BAD_INPUT, run.exitCode());
        assertTrue(run.err().contains("wasmton COMMAND ...") && run.err().contains("Run the test cases"), run.err());
        run = ProgramRun.with(Map.of("WASMTON_TOPIC", "t"));
        assertTrue(run.err().startsWith("BOOTSTRAP_SERVERS, PROCESSOR_WASM are missing."), run.err());
    }

    @Test
    void runIsOptional() {
        assertEquals(ExitCode.OK, wasmton("--print-config", "a:1", "tasks"));
        String config = out.toString(UTF_8);
        assertTrue(config.contains("wasmton-tasks"), config);
        assertEquals(ExitCode.OK, wasmton("run", "--print-config", "a:1", "tasks"));
        assertEquals(config, out.toString(UTF_8));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "dqq                 | Did you mean dlq?               | wasmton --help",
        "rnu a:1 b c         | Did you mean run?               | wasmton --help",
        "localhost t p.wasm  | must be, such as localhost:9092 | wasmton --help",
        "dlq lst             | Did you mean list?              | wasmton dlq --help",
        "dlq --nope          | no option '--nope'              | wasmton dlq --help",
        "dlq list --kindd=x  | Did you mean --kind?            | wasmton dlq list --help",
        "--deadlin=5s a:1 b c| Did you mean --deadline?        | wasmton run --help",
        "run                 | BOOTSTRAP_SERVERS, TOPIC, PROCE | wasmton run --help",
        "a:1 b c d           | 1 argument too many             | wasmton run --help"})
    void mistakeNamesTheRightWordAndTheRightHelp(String line, String word, String help) {
        assertEquals(ExitCode.BAD_INPUT, wasmton(line.split(" ")));
        String message = err.toString(UTF_8);
        assertTrue(message.contains(word), message);
        assertEquals("'" + help + "' says what is needed.", lines(err).get(lines(err).size() - 1));
        assertEquals("", out.toString(UTF_8));
    }

    /** Values of the old form, of a locale that could not be read. */
    @ParameterizedTest
    @ValueSource(strings = {"--group=gr\ufffdppe", "--dir=\ufffd::/", "\ufffd.wasm"})
    void rejectsADamagedArgumentAndSaysWhatToSet(String argument) {
        assertEquals(ExitCode.BAD_INPUT, wasmton("--print-config", argument));
        assertEquals("An argument has characters that cannot be read in the locale of this process (LC_ALL, LANG). For "
                + "names that are not ASCII set LC_ALL=C.UTF-8.", err.toString(UTF_8).strip());
    }

    @Test
    void helpFitsATerminalAndBreaksBetweenNamesOnly() {
        for (List<String> command : List.of(List.<String>of(), List.of("run"), List.of("dlq", "list"))) {
            List<String> line = new ArrayList<>(List.of("help"));
            line.addAll(command);
            assertEquals(ExitCode.OK, wasmton(line.toArray(String[]::new)));
            List<String> wide = lines(out).stream().filter(text -> text.length() > 80).toList();
            assertEquals(List.of(), wide);
        }
        wasmton("help", "run");
        for (String name : List.of("security.protocol=SSL", "max.message.bytes", "decaton:processor",
                "decaton.max.pending.records=100", "kafka.security.protocol")) {
            assertTrue(out.toString(UTF_8).contains(name), name);
        }
    }
}
