package io.github.wasmton.internal.cli;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

import io.github.wasmton.internal.author.Project;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * The names of a command's options in a file and in the environment. {@code --allow-net} is {@code allow-net} in a file
 * and {@code WASMTON_ALLOW_NET} in the environment; an argument {@code PROCESSOR_WASM} is {@code processor-wasm}. An
 * option that takes pairs has a name for each pair: {@code --env A_B=1} is {@code env.A_B} and {@code WASMTON_ENV_A_B}.
 * If its left side is a {@link #PROPERTY}, {@code --kafka fetch.min.bytes=1} is {@code WASMTON_KAFKA_FETCH_MIN_BYTES}.
 * If it is a {@link #SETTING}, {@code --guest-config api-token=x} is {@code WASMTON_GUEST_CONFIG_API_TOKEN}; a variable
 * with a lower-case letter keeps its name.
 */
final class OptionNames {
    /** Label of an option that takes properties: lower case, with words separated by dots. */
    static final String PROPERTY = "PROPERTY=VALUE";
    /** Label of an option that takes settings of a guest: lower case, with words joined by hyphens. */
    static final String SETTING = "SETTING=VALUE";
    /** Beginning of an argument's label that also takes a folder; it is no part of the name. */
    static final String FOLDER_OR = "DIR|";
    static final String CONFIG_FILE = "config-file";
    static final String PRINT_CONFIG = "print-config";
    static final String SHOW_VALUES = "show-values";
    static final String STACKTRACE = "stacktrace";

    static final String PREFIX = "WASMTON_";
    /** Variable that {@code ./gradlew run} sets for the demo. */
    private static final String DEMO = "WASMTON_TERMINAL";
    /** Variables that Kubernetes sets in all containers for a service whose name starts with wasmton. */
    private static final Pattern SERVICE =
            Pattern.compile("\\w+_(SERVICE_HOST|SERVICE_PORT(_\\w+)?|PORT_\\d+_(TCP|UDP|SCTP)(_\\w+)?)=.*|"
                    + "\\w+_PORT=(tcp|udp|sctp)://.*");

    private final Map<String, ArgSpec> byName = new LinkedHashMap<>();
    /** Names of the other command for which the file and the environment were written; null if there is none. */
    private OptionNames others;

    /**
     * An option, or one pair of an option that takes pairs.
     *
     * @param key the left side of the pair, or {@code null}
     */
    record Place(ArgSpec arg, String key) {
        /** Returns its name in a file. */
        String name() {
            return key == null ? nameOf(arg) : nameOf(arg) + '.' + key;
        }
    }

    /** Creates the names of a command, its arguments first. */
    OptionNames(CommandSpec command) {
        List<ArgSpec> args = new ArrayList<>(command.positionalParameters());
        args.addAll(command.options());
        for (ArgSpec arg : args) {
            boolean help = arg instanceof OptionSpec option && (option.usageHelp() || option.versionHelp());
            if (!help && !nameOf(arg).equals(PRINT_CONFIG) && !nameOf(arg).equals(SHOW_VALUES)) {
                byName.put(nameOf(arg), arg);
            }
        }
    }

    /**
     * Creates the names that a command shares with another one, whose file and environment it uses. The rest is
     * ignored.
     */
    OptionNames(CommandSpec command, CommandSpec other) {
        this(command);
        others = new OptionNames(other);
        byName.keySet().retainAll(others.byName.keySet());
    }

    /** Returns all names that are not an error. */
    private Set<String> known() {
        return others == null ? byName.keySet() : others.byName.keySet();
    }

    private static String nameOf(ArgSpec arg) {
        return arg instanceof OptionSpec option ? option.longestName().replaceFirst("^-+", "")
                : ((PositionalParamSpec) arg).paramLabel().replace(FOLDER_OR, "").toLowerCase(Locale.ROOT)
                        .replace('_', '-');
    }

    /** Returns whether the option takes pairs. */
    static boolean takesPairs(ArgSpec arg) {
        return Map.class.isAssignableFrom(arg.type());
    }

    /** Returns the options that can be given in every way. */
    Collection<ArgSpec> all() {
        return byName.values();
    }

    /** Returns the options of the names in a file, in their order. */
    Map<String, Place> inFile(Collection<String> names, String file) throws BadInputException {
        Map<String, Place> places = new LinkedHashMap<>();
        List<String> wrong = new ArrayList<>();
        for (String name : names) {
            if (name.startsWith(Project.PREFIX)) {
                continue;  // for the author's commands, which read it themselves
            }
            Place place = inFile(name);
            if (place == null && others != null && others.inFile(name) != null) {
                continue;
            }
            if (place == null) {
                wrong.add(file + ": there is no option '" + name + "'." + suggestionInFile(name));
            } else if (place.key == null && takesPairs(place.arg)) {
                wrong.add(file + ": '" + name + "' takes pairs, a line each: " + name + ".NAME = VALUE.");
            } else {
                places.put(name, place);
            }
        }
        refuse(wrong);
        return places;
    }

    /** Suggests a similar option. Of a name with a dot, only the part before it can be wrong. */
    private String suggestionInFile(String name) {
        int dot = name.indexOf('.');
        if (dot < 0) {
            return Suggestion.of(name, known());
        }
        Map<String, ArgSpec> options = others == null ? byName : others.byName;
        List<String> pairs = options.keySet().stream().filter(option -> takesPairs(options.get(option))).toList();
        return Suggestion.nearest(name.substring(0, dot), pairs)
                .map(option -> " Did you mean " + option + name.substring(dot) + '?').orElse("");
    }

    private Place inFile(String name) {
        ArgSpec whole = byName.get(name);
        int dot = name.indexOf('.');
        if (whole != null || dot < 0) {
            return whole == null || name.equals(CONFIG_FILE) ? null : new Place(whole, null);
        }
        ArgSpec pairs = byName.get(name.substring(0, dot));
        return pairs == null || !takesPairs(pairs) ? null : new Place(pairs, name.substring(dot + 1));
    }

    /** Returns the options of all environment variables that start with {@code WASMTON_}. */
    Map<String, Place> inEnvironment(Map<String, String> environment) throws BadInputException {
        Map<String, Place> places = new LinkedHashMap<>();
        List<String> wrong = new ArrayList<>();
        for (Map.Entry<String, String> entry : new TreeMap<>(environment).entrySet()) {
            String variable = entry.getKey();
            if (!isVariable(variable)
                    || SERVICE.matcher(variable + '=' + entry.getValue()).matches()) {
                continue;
            }
            Place place = inEnvironment(variable);
            if (place == null && others != null && others.inEnvironment(variable) != null) {
                continue;
            }
            if (place == null) {
                wrong.add("There is no option for the environment variable " + variable + '.' + suggestion(variable));
            } else if (place.key == null && takesPairs(place.arg)) {
                wrong.add(variable + " takes pairs, a variable each: " + variable + "_NAME.");
            } else {
                places.put(variable, place);
            }
        }
        refuse(wrong);
        return places;
    }

    /** Returns whether a variable of the environment is one of Wasmton's. */
    static boolean isVariable(String name) {
        return name.startsWith(PREFIX) && !name.equals(DEMO);
    }

    private Place inEnvironment(String variable) {
        Place found = null;
        String longest = "";
        for (Map.Entry<String, ArgSpec> entry : byName.entrySet()) {
            String name = variable(entry.getKey());
            if (name.equals(variable)) {
                return new Place(entry.getValue(), null);
            }
            // The longest match: --env-file must not become the variable FILE of --env.
            if (takesPairs(entry.getValue()) && variable.startsWith(name + '_') && name.length() > longest.length()) {
                longest = name;
                found = new Place(entry.getValue(), key(entry.getValue(), variable.substring(name.length() + 1)));
            }
        }
        return found;
    }

    private static String key(ArgSpec arg, String variable) {
        if (arg.paramLabel().equals(PROPERTY)) {
            return variable.toLowerCase(Locale.ROOT).replace('_', '.');
        }
        return arg.paramLabel().equals(SETTING) && variable.equals(variable.toUpperCase(Locale.ROOT))
                ? variable.toLowerCase(Locale.ROOT).replace('_', '-') : variable;
    }

    /** Suggests a similar variable. Compares without the prefix, which would make all of them similar. */
    private String suggestion(String variable) {
        return Suggestion.nearest(variable.substring(PREFIX.length()), known().stream()
                .map(name -> variable(name).substring(PREFIX.length())).toList())
                .map(name -> " Did you mean " + PREFIX + name + '?').orElse("");
    }

    private static String variable(String name) {
        return PREFIX + name.toUpperCase(Locale.ROOT).replace('-', '_');
    }

    private static void refuse(List<String> wrong) throws BadInputException {
        if (!wrong.isEmpty()) {
            throw new BadInputException(String.join(System.lineSeparator(), wrong), null);
        }
    }
}
