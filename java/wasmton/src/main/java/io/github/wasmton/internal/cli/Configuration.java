package io.github.wasmton.internal.cli;

import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

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
 * Every option of a command from wherever it is given: the command line before the environment, that before a file,
 * that before the default. It knows no option by name: what is one to picocli can be given in all of these ways.
 *
 * <p>The command line is read twice: first to see what it says itself; then together with what only the environment and
 * the file say, written as options. So there is one way in for every value, whoever gave it.
 */
final class Configuration {
    private static final String COMMAND_LINE = "command line";
    private static final String DEFAULT = "default";
    private static final String UNSET = "unset";
    /** The character that a decoder writes for bytes that it cannot read. */
    private static final char UNREADABLE = '\ufffd';

    private final CommandLine commandLine;
    private final OptionNames names;
    private final ParseResult result;
    /** Where each value comes from that is not the default, by the name in a file. */
    private final Map<String, String> origins = new HashMap<>();

    /**
     * Reads them all.
     *
     * @param commandLines makes the command, each time anew
     * @throws BadInputException where something that is given is no option or no value of one
     */
    Configuration(Supplier<CommandLine> commandLines, List<String> arguments, Map<String, String> environment)
            throws BadInputException {
        this(commandLines, null, arguments, environment);
    }

    /** The same for a command that takes the environment and the file of another one, as far as both have an option. */
    Configuration(Supplier<CommandLine> commandLines, CommandLine other, List<String> arguments,
            Map<String, String> environment) throws BadInputException {
        commandLine = commandLines.get().setExpandAtFiles(false);  // the first look has done that
        names = other == null ? new OptionNames(commandLine.getCommandSpec())
                : new OptionNames(commandLine.getCommandSpec(), other.getCommandSpec());
        checkCharacters(arguments, environment);
        ParseResult given = parse(commandLines.get(), arguments);
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
                : parse(commandLine, whole(given, values(given, environment), last));
        if (result.errors().isEmpty() || helpRequested() || printRequested()) {
            return;
        }
        // Only what is missing is left to be told.
        String missing = commandLine.getCommandSpec().args().stream()
                .filter(arg -> arg.required() && !origins.containsKey(new Place(arg, null).name()))
                .map(arg -> arg instanceof OptionSpec option ? option.longestName() : arg.paramLabel())
                .collect(Collectors.joining(", "));
        throw badInput("Not given: " + missing + '.', result.errors().get(0));
    }

    /**
     * The last argument that is given, where the command's own last one can be given on the command line alone: then it
     * is that, however many of those before it come from elsewhere. Else null.
     */
    private String ownLast(ParseResult given) {
        List<PositionalParamSpec> all = commandLine.getCommandSpec().positionalParameters();
        List<PositionalParamSpec> matched = given.matchedPositionals();
        if (all.isEmpty() || names.all().contains(all.get(all.size() - 1)) || matched.isEmpty()) {
            return null;
        }
        return matched.get(matched.size() - 1).originalStringValues().get(0);
    }

    /** The command, with all its values. */
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
     * Prints each option, its value and where that comes from, but for what is secret.
     *
     * @param defaults what counts where picocli knows none, by the name in a file
     */
    void print(PrintStream out, Map<String, String> defaults) {
        List<String[]> rows = new ArrayList<>();
        for (ArgSpec arg : names.all()) {
            places(arg).forEach(place -> {
                String text = OptionNames.takesPairs(arg) && place.key() == null ? null : text(place);
                if (text == null) {
                    text = defaults.getOrDefault(place.name(), arg.required() ? UNSET : Form.NONE);
                }
                rows.add(new String[] {place.name(), Secrets.mask(place.name(), text),
                    origins.getOrDefault(place.name(), DEFAULT)});
            });
        }
        int nameWidth = rows.stream().mapToInt(row -> row[0].length()).max().orElse(1);
        int valueWidth = Math.min(60, rows.stream().mapToInt(row -> row[1].length()).max().orElse(1));
        rows.forEach(row -> out.printf("%-" + nameWidth + "s  %-" + valueWidth + "s  %s%n", (Object[]) row));
    }

    /** What of all this must not be shown. */
    Secrets secrets() {
        return new Secrets(names.all().stream().flatMap(this::places)
                .filter(place -> Secrets.isSecret(place.name()) && origins.containsKey(place.name()))
                .map(Configuration::text).toList());
    }

    // ---- from the environment and the file ----

    private record Value(Place place, String text, String origin) {}

    private List<Value> values(ParseResult given, Map<String, String> environment) throws BadInputException {
        List<Value> values = new ArrayList<>();
        for (Map.Entry<String, Place> entry : names.inEnvironment(environment).entrySet()) {
            add(values, new Value(entry.getValue(), environment.get(entry.getKey()), entry.getKey()));
        }
        String file = configFile(given, values);
        if (file != null) {
            Map<String, String> texts = ConfigFile.read(Path.of(file));
            for (Map.Entry<String, Place> entry : names.inFile(texts.keySet(), file).entrySet()) {
                add(values, new Value(entry.getValue(), texts.get(entry.getKey()), file));
            }
        }
        return values;
    }

    /** Keeps the value unless there is one already, from a better place. */
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

    /** The command line as it would be if all of this had been given there. */
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

    /** A repeatable option's values are apart by commas, unless there is a backslash before. */
    private static Stream<String> elements(String text) {
        return Arrays.stream(text.split("(?<!\\\\),")).map(element -> element.strip().replace("\\,", ","))
                .filter(element -> !element.isEmpty());
    }

    // ---- what picocli found ----

    /** The option itself, or its pairs where it has some. */
    private Stream<Place> places(ArgSpec arg) {
        if (!OptionNames.takesPairs(arg) || arg.originalStringValues().isEmpty()) {
            return Stream.of(new Place(arg, null));
        }
        return arg.originalStringValues().stream().map(pair -> new Place(arg, pair.substring(0, pair.indexOf('='))));
    }

    /** Returns the value as one would give it; {@code null} if there is none. */
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

    /** Throws for all that is wrong but that something is missing: that may come from elsewhere. */
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

    /** What is wrong, without a value that may be a secret. */
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
            return "Unknown option '" + option + "'." + Suggestion.of(option,
                    commandLine.getCommandSpec().optionsMap().keySet());
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

    private BadInputException badInput(String message, Exception cause) {
        return new BadInputException(message + helpHint(commandLine), cause);
    }

    /** Returns a line about where help is, after a line break. */
    static String helpHint(CommandLine commandLine) {
        return System.lineSeparator() + '\'' + commandLine.getCommandSpec().qualifiedName()
                + " --help' says what is needed.";
    }

    /** Refuses text that the JVM could not read in the locale of this process: it is damaged already. */
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
