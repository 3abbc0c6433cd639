package io.github.wasmton.internal.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;

import io.github.wasmton.wasmtime.bindgen.Bindgen;

/** Ties the options that pages and help texts name to those that exist, and defaults to their constants. */
class DocumentedOptionsTest {
    private static final Path PROJECT = Path.of(System.getProperty("wasmton.project.dir"));
    private static final Pattern OPTION = Pattern.compile("(?<![\\w-])--[a-z][a-z0-9-]*");
    /** An option of its own in prose, or a line that runs the program. */
    private static final Pattern MENTION = Pattern.compile("`--[^`]*`|(?m)^.*(?:wasmton |gradlew run ).*$");
    private static final Pattern VARIABLE = Pattern.compile("\\bWASMTON_[A-Za-z_]+");
    private static final Pattern PROPERTIES = Pattern.compile("(?s)```properties\\n(.*?)```");

    /** Options of other programs that the pages mention in the same way. */
    private static final Set<String> OTHERS =
            Set.of("--args", "--config", "--export", "--enable-native-access", "--sun-misc-unsafe-memory-access");

    /** The variable of the script bin/wasmton, which the program does not see. */
    private static final String OF_THE_SCRIPT = "WASMTON_JAVA_OPTS";

    private static List<Path> pages() throws IOException {
        List<Path> pages = new ArrayList<>(List.of(PROJECT.resolve("README.md")));
        try (Stream<Path> docs = Files.list(PROJECT.resolve("docs"));
             Stream<Path> samples = Files.list(PROJECT.resolve("samples"))) {
            docs.filter(file -> file.toString().endsWith(".md")).forEach(pages::add);
            samples.map(sample -> sample.resolve("README.md")).filter(Files::exists).forEach(pages::add);
        }
        return pages;
    }

    private static Set<String> options() {
        return Stream.concat(Commands.all().stream(), Stream.of(new CommandLine(Bindgen.class)))
                .flatMap(command -> command.getCommandSpec().optionsMap().keySet().stream())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Stream<ArgSpec> args() {
        return Commands.all().stream().flatMap(command -> command.getCommandSpec().args().stream());
    }

    @Test
    void everyOptionInThePagesExists() throws IOException {
        Set<String> options = options();
        Set<String> unknown = new TreeSet<>();
        int found = 0;
        for (Path page : pages()) {
            String mentions = MENTION.matcher(Files.readString(page)).results().map(MatchResult::group)
                    .collect(Collectors.joining("\n"));
            Matcher matcher = OPTION.matcher(mentions);
            while (matcher.find()) {
                found++;
                if (!options.contains(matcher.group()) && !OTHERS.contains(matcher.group())) {
                    unknown.add(PROJECT.relativize(page) + ": " + matcher.group());
                }
            }
        }
        assertEquals(Set.of(), unknown);
        assertTrue(found > 50, found + " options found");
    }

    @Test
    void everyVariableInThePagesExists() throws IOException {
        OptionNames names = new OptionNames(Commands.run().getCommandSpec());
        String constants = Files.readString(PROJECT.resolve("sdk/c/wasmton.h"));
        List<String> wrong = new ArrayList<>();
        int found = 0;
        for (Path page : pages()) {
            Matcher matcher = VARIABLE.matcher(Files.readString(page));
            while (matcher.find()) {
                String variable = matcher.group();
                if (constants.contains(variable + " = ")) {
                    continue;
                }
                found++;
                try {
                    if (!variable.endsWith("_") && !variable.equals(OF_THE_SCRIPT)) {
                        names.inEnvironment(Map.of(variable, "x"));
                    }
                } catch (BadInputException e) {
                    wrong.add(PROJECT.relativize(page) + ": " + e.getMessage());
                }
            }
        }
        assertEquals(List.of(), wrong);
        assertTrue(found > 5, found + " variables found");
    }

    @Test
    void everyFileOfOptionsInThePagesHoldsOptions(@TempDir Path directory) throws Exception {
        int found = 0;
        for (Path page : pages()) {
            Matcher matcher = PROPERTIES.matcher(Files.readString(page));
            while (matcher.find()) {
                found++;
                Path file = Files.writeString(directory.resolve("options.properties"), matcher.group(1));
                RunCommand command = new Configuration(Commands::run,
                        List.of("--config-file", file.toString(), "--print-config"), Map.of()).commandLine()
                        .getCommand();
                command.kafka.settings();
            }
        }
        assertTrue(found > 0);
    }

    @Test
    void everyOptionInHelpExists() {
        Set<String> options = options();
        for (CommandLine command : Commands.all()) {
            Matcher matcher = OPTION.matcher(command.getUsageMessage());
            while (matcher.find()) {
                assertTrue(options.contains(matcher.group()), matcher.group() + " in:\n" + command.getUsageMessage());
            }
        }
    }

    @Test
    void helpNamesEveryOptionAndArgument() {
        for (CommandLine command : Commands.all()) {
            String help = command.getUsageMessage();
            for (ArgSpec arg : command.getCommandSpec().args()) {
                String name = arg instanceof OptionSpec option ? String.join(", ", option.names()) : arg.paramLabel();
                assertTrue(help.contains("\n  " + name), help);
            }
        }
    }

    /** Tests that every default comes from the option's own value, so that they cannot differ. */
    @Test
    void everyDefaultComesFromAConstant() {
        args().forEach(arg -> {
            String[] description = description(arg);
            String text = String.join("\n", description);
            boolean plain = arg.initialValue() != null && !arg.initialValue().equals(false) && !arg.isMultiValue();
            assertTrue(!plain || text.contains("Default: ${DEFAULT-VALUE}"), arg + ": " + text);
            assertTrue(!text.matches("(?s).*Default: [0-9].*"), text);
        });
    }

    /** Tests that each option reads its default in help as that default. */
    @Test
    void optionsAcceptTheirDefaultInHelp() throws Exception {
        Map<String, Object> defaults = values(Commands.parse());
        List<String> line = new ArrayList<>();
        CommandLine run = Commands.run();
        for (OptionSpec option : run.getCommandSpec().options()) {
            String text = Form.textOf(option, option.initialValue());
            if (text != null && !option.isMultiValue() && option.arity().max() > 0) {
                line.add(option.longestName() + '=' + text);
            }
        }
        assertTrue(line.size() > 15, line.toString());
        assertEquals(defaults, values(Commands.parse(line.toArray(String[]::new))));
    }

    private static Map<String, Object> values(RunCommand command) {
        return Map.of("limits", List.of(command.guest.limits.deadline, command.guest.limits.startDeadline,
                        command.guest.limits.maxMemory, command.guest.limits.outputRecordBytes,
                        command.guest.limits.outputTaskBytes),
                "failures", List.of(command.failures.attempts, command.failures.backoff, command.failures.maxBackoff,
                        command.failures.failureThreshold, command.failures.failureWindow,
                        command.failures.stopTimeout),
                "monitoring", List.of(command.monitoring.port, command.monitoring.address,
                        command.monitoring.summaryInterval),
                "guest", List.of(command.guest.guest.stdout, command.guest.guest.stderr, command.kafka.engine));
    }

    private static String[] description(ArgSpec arg) {
        arg.command().interpolateVariables(false);
        try {
            return arg.description();
        } finally {
            arg.command().interpolateVariables(true);
        }
    }
}
