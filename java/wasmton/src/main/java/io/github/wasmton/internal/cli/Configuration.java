package io.github.wasmton.internal.cli;

import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.github.wasmton.internal.author.Project;
import io.github.wasmton.internal.cli.OptionNames.Place;
import picocli.CommandLine;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * All options of a command, with the command line taking precedence over the environment, the environment over the
 * configuration file, and that over the default. It has no list of options: every option that picocli knows can be
 * given in all of these ways.
 *
 * <p>The command line is read twice: first on its own, then together with the values that only the environment and the
 * file have, written as options. So every value is parsed in the same way, from any origin.
 */
final class Configuration {
    private static final String COMMAND_LINE = "command line";
    private static final String DEFAULT = "default";
    private static final String UNSET = "unset";
    private static final Pattern OPTION = Pattern.compile("--[a-z][a-z-]*");
    private static final String HIDDEN = "(set; --" + OptionNames.SHOW_VALUES + " shows it)";
    /** The character that a decoder writes for bytes that it cannot read. */
    private static final char UNREADABLE = '\ufffd';

    private final CommandLine commandLine;
    private final OptionNames names;
    private final ParseResult result;
    /** Origin of each value that is not the default, by the option's name in a file. */
    private final Map<String, String> origins = new HashMap<>();

    /**
     * Reads all options.
     *
     * @param commandLines creates the command, a new one each time
     * @throws BadInputException for an unknown option or an invalid value
     */
    Configuration(Supplier<CommandLine> commandLines, List<String> arguments, Map<String, String> environment)
            throws BadInputException {
        this(commandLines, null, arguments, environment);
    }

    /**
     * Reads the options of a command that uses the environment and the file of another one, limited to the options that
     * both have.
     */
    Configuration(Supplier<CommandLine> commandLines, CommandLine other, List<String> arguments,
            Map<String, String> environment) throws BadInputException {
        commandLine = commandLines.get().setExpandAtFiles(false);  // the first parse has done that
        names = other == null ? new OptionNames(commandLine.getCommandSpec())
                : new OptionNames(commandLine.getCommandSpec(), other.getCommandSpec());
        checkCharacters(arguments, environment);
        ParseResult given = parse(commandLines.get(), arguments);
        String projectFile = projectFile(given);
        String last = ownLast(given);
        if (last != null) {
            List<String> others = new ArrayList<>(given.expandedArgs());
            others.remove(others.lastIndexOf(last));
            given = parse(commandLines.get().setExpandAtFiles(false), others);
        }
        for (ArgSpec arg : given.matchedArgs()) {
            places(arg).forEach(place -> origins.put(place.name(), COMMAND_LINE));
        }
        result = given.isUsageHelpRequested() || given.isVersionHelpRequested()
                ? parse(commandLine, given.expandedArgs())
                : parse(commandLine, whole(given, values(given, environment, projectFile), last));
        if (result.errors().isEmpty() || helpRequested() || printRequested()) {
            return;
        }
        // All other errors have been thrown.
        List<String> missing = commandLine.getCommandSpec().args().stream()
                .filter(arg -> arg.required() && !origins.containsKey(new Place(arg, null).name()))
                .map(arg -> arg instanceof OptionSpec option ? option.longestName() : arg.paramLabel())
                .toList();
        throw badInput(String.join(", ", missing) + (missing.size() == 1 ? " is missing." : " are missing.")
                + projectHint(), result.errors().get(0));
    }

    /** Returns a space and how a folder gives the missing processor; an empty text for a command without folders. */
    private String projectHint() {
        Path file = commandLine.getCommand() instanceof Subcommand command ? command.projectFile() : null;
        return file == null ? "" : Files.exists(file) ? " " + file + " has no line '" + Project.WASM + " = FILE'."
                : " The working folder has no " + file + ", which names the processor. 'wasmton new NAME' makes a "
                        + "folder with one.";
    }

    /**
     * Returns the last argument given, if the command's own last argument can be given on the command line only: it
     * then is that one, even if arguments before it come from elsewhere. Otherwise returns null.
     */
    private String ownLast(ParseResult given) {
        List<PositionalParamSpec> all = commandLine.getCommandSpec().positionalParameters();
        List<PositionalParamSpec> matched = given.matchedPositionals();
        if (all.isEmpty() || names.all().contains(all.get(all.size() - 1)) || matched.isEmpty()) {
            return null;
        }
        return matched.get(matched.size() - 1).originalStringValues().get(0);
    }

    /** Returns the command with all its values. */
    CommandLine commandLine() {
        return commandLine;
    }

    boolean helpRequested() {
        return result.isUsageHelpRequested() || result.isVersionHelpRequested();
    }

    boolean printRequested() {
        return isSet(OptionNames.PRINT_CONFIG);
    }

    boolean stacktraceRequested() {
        return isSet(OptionNames.STACKTRACE);
    }

    private boolean isSet(String flag) {
        OptionSpec option = commandLine.getCommandSpec().findOption("--" + flag);
        return option != null && Boolean.TRUE.equals(option.getValue());
    }

    /**
     * Prints each option with its value and origin; secrets are masked. The values of the guest's variables and
     * settings are shown only on request: no list of names tells which of them are secrets.
     *
     * @param defaults defaults that picocli does not know, by the option's name in a file
     */
    void print(PrintStream out, Map<String, String> defaults) {
        List<String[]> rows = new ArrayList<>();
        for (ArgSpec arg : names.all()) {
            places(arg).forEach(place -> {
                String text = OptionNames.takesPairs(arg) && place.key() == null ? null : text(place);
                if (text == null) {
                    text = defaults.getOrDefault(place.name(), arg.required() ? UNSET : Form.NONE);
                }
                boolean shown = place.key() == null || isSet(OptionNames.SHOW_VALUES) || !Secrets.mayBe(place.name());
                rows.add(new String[] {place.name(), shown ? Secrets.mask(place.name(), text) : HIDDEN,
                    origins.getOrDefault(place.name(), DEFAULT)});
            });
        }
        int nameWidth = rows.stream().mapToInt(row -> row[0].length()).max().orElse(1);
        int valueWidth = Math.min(60, rows.stream().mapToInt(row -> row[1].length()).max().orElse(1));
        rows.forEach(row -> out.printf("%-" + nameWidth + "s  %-" + valueWidth + "s  %s%n", (Object[]) row));
    }

    /** Returns the values that must not be shown. */
    Secrets secrets() {
        return new Secrets(names.all().stream().flatMap(this::places)
                .filter(place -> Secrets.isSecret(place.name()) && origins.containsKey(place.name()))
                .map(Configuration::text).toList());
    }

    /** Adds to a message the origins of the options that it names, except those from the command line. */
    String withOrigins(String message) {
        Map<String, List<String>> options = new TreeMap<>();
        OPTION.matcher(message).results().map(MatchResult::group).distinct().forEach(option -> {
            String origin = origins.get(option.substring(2));
            if (origin != null && !origin.equals(COMMAND_LINE)) {
                options.computeIfAbsent(origin, any -> new ArrayList<>()).add(option);
            }
        });
        StringBuilder text = new StringBuilder(message);
        options.forEach((origin, names) -> {
            text.append(message.matches("(?s).*[.?!]") ? " " : ". ").append(String.join(" and ", names))
                    .append(names.size() == 1 ? " comes from " : " come from ").append(origin).append('.');
        });
        return text.toString();
    }

    // ---- from the environment and the file ----

    private record Value(Place place, String text, String origin) {}

    private List<Value> values(ParseResult given, Map<String, String> environment, String projectFile)
            throws BadInputException {
        List<Value> values = new ArrayList<>();
        for (Map.Entry<String, Place> entry : names.inEnvironment(environment).entrySet()) {
            add(values, new Value(entry.getValue(), environment.get(entry.getKey()), entry.getKey()));
        }
        String named = configFile(given, values);
        String file = named == null ? projectFile : named;
        if (file != null) {
            Map<String, String> texts = ConfigFile.read(Path.of(file));
            for (Map.Entry<String, Place> entry : names.inFile(texts.keySet(), file).entrySet()) {
                String text = resolved(entry.getKey(), texts.get(entry.getKey()), file);
                add(values, new Value(entry.getValue(), text, file));
            }
        }
        return values;
    }

    /** Returns the value of a line of a file; the processor's path is relative to the file. */
    private static String resolved(String name, String text, String file) {
        if (!name.equals(Project.WASM) || text.isEmpty()) {
            return text;
        }
        try {
            return Project.wasm(Path.of(file), text).toString();
        } catch (InvalidPathException e) {
            return text;  // the form of the argument says what is wrong with it
        }
    }

    /** Adds the value unless an origin with precedence has one. */
    private void add(List<Value> values, Value value) {
        if (origins.putIfAbsent(value.place.name(), value.origin) == null) {
            values.add(value);
        }
    }

    private static String configFile(ParseResult given, List<Value> values) {
        String option = "--" + OptionNames.CONFIG_FILE;
        if (given.hasMatchedOption(option)) {
            return given.matchedOption(option).stringValues().get(0);
        }
        return values.stream().filter(value -> value.place.name().equals(OptionNames.CONFIG_FILE))
                .map(Value::text).findFirst().orElse(null);
    }

    /** Returns the file that a command of authors finds in the project's folder; {@code null} if there is none. */
    private static String projectFile(ParseResult given) {
        Path file = given.commandSpec().userObject() instanceof Subcommand command ? command.projectFile() : null;
        return file == null || !Files.exists(file) ? null : file.toString();
    }

    /** Returns a command line with all these values. */
    private static List<String> whole(ParseResult given, List<Value> values, String last) {
        List<String> line = new ArrayList<>();
        Map<Integer, String> positionals = new HashMap<>();
        for (Value value : values) {
            if (value.place.arg() instanceof PositionalParamSpec positional) {
                positionals.put(positional.index().min(), value.text);
            } else {
                line.addAll(options(value));
            }
        }
        line.addAll(given.expandedArgs());
        if (!line.contains("--")) {
            line.add("--");  // a topic may begin with a hyphen
        }
        int index = 0;
        while (given.hasMatchedPositional(index)) {
            index++;
        }
        for (; positionals.containsKey(index); index++) {
            line.add(positionals.get(index));
        }
        if (last != null) {
            line.add(last);
        }
        return line;
    }

    private static List<String> options(Value value) {
        OptionSpec option = (OptionSpec) value.place.arg();
        String begin = option.longestName() + '=';
        if (OptionNames.takesPairs(option)) {
            return List.of(begin + value.place.key() + '=' + value.text);
        }
        if (option.isMultiValue()) {
            return elements(value.text).map(element -> begin + element).toList();
        }
        return List.of(begin + value.text);
    }

    /** Splits the values of a repeatable option at commas; a backslash escapes a comma. */
    private static Stream<String> elements(String text) {
        return Arrays.stream(text.split("(?<!\\\\),")).map(element -> element.strip().replace("\\,", ","))
                .filter(element -> !element.isEmpty());
    }

    // ---- what picocli found ----

    /** Returns the option itself, or its pairs if it has some. */
    private Stream<Place> places(ArgSpec arg) {
        if (!OptionNames.takesPairs(arg) || arg.originalStringValues().isEmpty()) {
            return Stream.of(new Place(arg, null));
        }
        return arg.originalStringValues().stream().map(pair -> new Place(arg, pair.substring(0, pair.indexOf('='))));
    }

    /** Returns the value in the option's own form; {@code null} if it has none. */
    private static String text(Place place) {
        List<String> given = place.arg().originalStringValues();
        if (place.key() != null) {
            String begin = place.key() + '=';
            return given.stream().filter(pair -> pair.startsWith(begin)).reduce((first, last) -> last).orElseThrow()
                    .substring(begin.length());
        }
        if (place.arg().isMultiValue() && !given.isEmpty()) {
            return String.join(", ", given);
        }
        return Form.textOf(place.arg(), place.arg().getValue());
    }

    /** Parses arguments. Throws for every error but a missing argument, which may come from elsewhere. */
    private ParseResult parse(CommandLine commandLine, List<String> arguments) throws BadInputException {
        commandLine.getCommandSpec().parser().collectErrors(true);
        ParseResult parsed = commandLine.parseArgs(arguments.toArray(String[]::new));
        for (Exception error : parsed.errors()) {
            if (!(error instanceof MissingParameterException missing
                    && missing.getMissing().stream().allMatch(arg -> arg.isPositional() || arg.required()))) {
                throw badInput(explain((ParameterException) error), error);
            }
        }
        return parsed;
    }

    /** Explains an error without a value that may be a secret. */
    private String explain(ParameterException e) {
        if (e instanceof UnmatchedArgumentException unmatched) {
            String wrong = unmatched.getUnmatched().get(0);
            if (!wrong.startsWith("-")) {
                int many = unmatched.getUnmatched().size();
                return (many == 1 ? "1 argument" : many + " arguments") + " too many: what is needed is "
                        + commandLine.getCommandSpec().positionalParameters().stream().map(ArgSpec::paramLabel)
                                .collect(Collectors.joining(" ")) + '.';
            }
            String option = wrong.replaceFirst("=.*", "");
            return "Unknown option '" + option + "'." + elsewhere(option).orElseGet(() -> Suggestion.of(option,
                    commandLine.getCommandSpec().optionsMap().keySet()));
        }
        ArgSpec arg = e.getArgSpec();
        if (arg == null) {
            return e.getMessage();
        }
        if (OptionNames.takesPairs(arg) && !(e instanceof MissingParameterException)) {
            return ((OptionSpec) arg).longestName() + " needs " + arg.paramLabel() + '.';
        }
        String origin = origins.getOrDefault(new Place(arg, null).name(), COMMAND_LINE);
        return origin.equals(COMMAND_LINE) ? e.getMessage() : origin + ": " + e.getMessage();
    }

    /** Returns a space and a hint for an option of 'wasmton run' that this command does not have. */
    private Optional<String> elsewhere(String option) {
        if (!Root.commandLine().getSubcommands().get(RunCommand.NAME).getCommandSpec().optionsMap()
                .containsKey(option)) {
            return Optional.empty();
        }
        String belongs = " It belongs to 'wasmton " + RunCommand.NAME + "'.";
        return Optional.of(commandLine.getCommand() instanceof DevCommand ? belongs + " For --with-kafka write it into "
                + Project.FILE + ", as a line such as '" + option.substring(2) + " = ...'." : belongs);
    }

    private BadInputException badInput(String message, Exception cause) {
        return new BadInputException(message + helpHint(commandLine), cause);
    }

    /** Returns a line break and a line that points to the help. */
    static String helpHint(CommandLine commandLine) {
        return System.lineSeparator() + '\'' + commandLine.getCommandSpec().qualifiedName()
                + " --help' says what is needed.";
    }

    /** Rejects text that the JVM could not decode in the locale of this process: it is already damaged. */
    private static void checkCharacters(List<String> arguments, Map<String, String> environment)
            throws BadInputException {
        for (String argument : arguments) {
            checkCharacters("An argument", argument);
        }
        for (Map.Entry<String, String> variable : environment.entrySet()) {
            if (variable.getKey().startsWith(OptionNames.PREFIX)) {
                checkCharacters(variable.getKey(), variable.getValue());
            }
        }
    }

    private static void checkCharacters(String name, String text) throws BadInputException {
        if (text.indexOf(UNREADABLE) >= 0) {
            throw new BadInputException(name + " has characters that cannot be read in the locale of this process ("
                    + "LC_ALL, LANG). " + Form.UTF_8_NEEDED + '.', null);
        }
    }
}
