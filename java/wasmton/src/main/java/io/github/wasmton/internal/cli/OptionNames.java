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

import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * The names of a command's options in a file and in the environment. {@code --allow-net} is {@code allow-net} in a file
 * and {@code WASMTON_ALLOW_NET} in the environment, an argument {@code PROCESSOR_WASM} is {@code processor-wasm}. An
 * option that takes pairs has a name for each: {@code --env A_B=1} is {@code env.A_B} and {@code WASMTON_ENV_A_B};
 * where the left side is a {@link #PROPERTY}, {@code --kafka fetch.min.bytes=1} is {@code
 * WASMTON_KAFKA_FETCH_MIN_BYTES}. Where it is a {@link #SETTING}, {@code --guest-config api-token=x} is {@code
 * WASMTON_GUEST_CONFIG_API_TOKEN}; a name with a lower-case letter stays as it is.
 */
final class OptionNames {
    /** The label of an option that takes properties: in lower case, their words apart by dots. */
    static final String PROPERTY = "PROPERTY=VALUE";
    /** The label of an option that takes settings of a guest: in lower case, their words joined by hyphens. */
    static final String SETTING = "SETTING=VALUE";
    static final String CONFIG_FILE = "config-file";
    static final String PRINT_CONFIG = "print-config";
    static final String STACKTRACE = "stacktrace";

    static final String PREFIX = "WASMTON_";
    /** Set by {@code ./gradlew run} for the demo. */
    private static final String DEMO = "WASMTON_TERMINAL";
    /** What Kubernetes puts into the environment of all containers for a service whose name begins with wasmton. */
    private static final Pattern SERVICE =
            Pattern.compile("\\w+_(SERVICE_HOST|SERVICE_PORT(_\\w+)?|PORT_\\d+_(TCP|UDP|SCTP)(_\\w+)?)=.*|"
                    + "\\w+_PORT=(tcp|udp|sctp)://.*");

    private final Map<String, ArgSpec> byName = new LinkedHashMap<>();
    /** Those of the command that files and environments are written for, where that is another; else null. */
    private OptionNames others;

    /**
     * An option, or one pair of an option that takes pairs.
     *
     * @param key the left side of the pair, or {@code null}
     */
    record Place(ArgSpec arg, String key) {
        /** As it is called in a file. */
        String name() {
            return key == null ? nameOf(arg) : nameOf(arg) + '.' + key;
        }
    }

    /** Those of that command, its arguments first. */
    OptionNames(CommandSpec command) {
        List<ArgSpec> args = new ArrayList<>(command.positionalParameters());
        args.addAll(command.options());
        for (ArgSpec arg : args) {
            boolean help = arg instanceof OptionSpec option && (option.usageHelp() || option.versionHelp());
            if (!help && !nameOf(arg).equals(PRINT_CONFIG)) {
                byName.put(nameOf(arg), arg);
            }
        }
    }

    /**
     * Those that a command shares with another, whose files and environment it takes: the rest of them is passed over.
     */
    OptionNames(CommandSpec command, CommandSpec other) {
        this(command);
        others = new OptionNames(other);
        byName.keySet().retainAll(others.byName.keySet());
    }

    /** All that is no error. */
    private Set<String> known() {
        return others == null ? byName.keySet() : others.byName.keySet();
    }

    private static String nameOf(ArgSpec arg) {
        return arg instanceof OptionSpec option ? option.longestName().replaceFirst("^-+", "")
                : ((PositionalParamSpec) arg).paramLabel().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Whether the option takes pairs. */
    static boolean takesPairs(ArgSpec arg) {
        return Map.class.isAssignableFrom(arg.type());
    }

    /** All that can be given in every way. */
    Collection<ArgSpec> all() {
        return byName.values();
    }

    /** What the names in a file stand for, in their order. */
    Map<String, Place> inFile(Collection<String> names, String file) throws BadInputException {
        Map<String, Place> places = new LinkedHashMap<>();
        List<String> wrong = new ArrayList<>();
        for (String name : names) {
            Place place = inFile(name);
            if (place == null && others != null && others.inFile(name) != null) {
                continue;
            }
            if (place == null) {
                wrong.add(file + ": there is no option '" + name + "'." + Suggestion.of(name, known()));
            } else if (place.key == null && takesPairs(place.arg)) {
                wrong.add(file + ": '" + name + "' takes pairs, a line each: " + name + ".NAME = VALUE.");
            } else {
                places.put(name, place);
            }
        }
        refuse(wrong);
        return places;
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

    /** What the variables of an environment stand for that begin with {@code WASMTON_}. */
    Map<String, Place> inEnvironment(Map<String, String> environment) throws BadInputException {
        Map<String, Place> places = new LinkedHashMap<>();
        List<String> wrong = new ArrayList<>();
        for (Map.Entry<String, String> entry : new TreeMap<>(environment).entrySet()) {
            String variable = entry.getKey();
            if (!variable.startsWith(PREFIX) || variable.equals(DEMO)
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

    private Place inEnvironment(String variable) {
        Place found = null;
        String longest = "";
        for (Map.Entry<String, ArgSpec> entry : byName.entrySet()) {
            String name = variable(entry.getKey());
            if (name.equals(variable)) {
                return new Place(entry.getValue(), null);
            }
            // The longest: --env-file would not be the variable FILE of --env.
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

    /** Without what they all begin with: that would make them too much alike. */
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
