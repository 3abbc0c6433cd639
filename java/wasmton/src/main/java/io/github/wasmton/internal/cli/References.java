package io.github.wasmton.internal.cli;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.github.wasmton.internal.text.FileError;

/**
 * References in a guest's settings and environment variables to values stored elsewhere, such as
 * <code>${file:/run/secrets/orders.properties:token}</code>. Their form is that of Kafka's configuration providers;
 * <code>$${</code> stands for <code>${</code>.
 */
final class References {
    private static final Pattern REFERENCE = Pattern.compile("\\$(\\$\\{|\\{([^}]*)}|\\{)");
    private static final String KNOWN = "Known are ${file:FILE:KEY} (a line of a properties file), "
            + "${directory:DIR:FILE} (the content of a file) and ${env:NAME} (an environment variable); $${ is a "
            + "plain ${";

    private final Map<String, String> environment;
    private final Collection<String> found = new TreeSet<>();

    References(Map<String, String> environment) {
        this.environment = environment;
    }

    /** Returns the pairs of an option with their references resolved. */
    Map<String, String> resolve(String option, Map<String, String> pairs) throws BadInputException {
        Map<String, String> resolved = new LinkedHashMap<>();
        for (Map.Entry<String, String> pair : pairs.entrySet()) {
            try {
                resolved.put(pair.getKey(), resolve(pair.getValue()));
            } catch (IllegalArgumentException e) {
                throw new BadInputException(option + ' ' + pair.getKey() + ": " + e.getMessage() + '.', e);
            }
        }
        return resolved;
    }

    /** Returns the resolved values; each may be a secret. */
    Collection<String> found() {
        return found;
    }

    private String resolve(String text) {
        Matcher matcher = REFERENCE.matcher(text);
        StringBuilder resolved = new StringBuilder();
        while (matcher.find()) {
            String value = matcher.group(1).startsWith("$") ? "${" : value(matcher.group(2));
            matcher.appendReplacement(resolved, Matcher.quoteReplacement(value));
        }
        return matcher.appendTail(resolved).toString();
    }

    private String value(String reference) {
        if (reference == null) {
            throw new IllegalArgumentException("a '${' has no '}'. " + KNOWN);
        }
        int colon = reference.indexOf(':');
        String rest = reference.substring(colon + 1);
        int last = rest.lastIndexOf(':');
        String value = switch (colon < 0 ? "" : reference.substring(0, colon)) {
            case "env" -> environment.get(rest);
            case "file" -> last < 1 ? null : property(rest.substring(0, last), rest.substring(last + 1));
            case "directory" -> last < 1 ? null : content(rest.substring(0, last), rest.substring(last + 1));
            default -> throw new IllegalArgumentException("'${" + reference + "}' cannot be resolved. " + KNOWN);
        };
        if (value == null) {
            throw new IllegalArgumentException("there is no value for '${" + reference + "}'. " + KNOWN);
        }
        found.add(value);
        return value;
    }

    private static String reason(Exception e) {
        return e instanceof IOException error ? FileError.of(error) : e.getMessage();
    }

    private static String property(String file, String key) {
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(Path.of(file))) {
            properties.load(reader);
        } catch (IOException | InvalidPathException e) {
            throw new IllegalArgumentException("cannot read " + file + ": " + reason(e), e);
        }
        return properties.getProperty(key);
    }

    /** Removes the line break at the end, which editors add. */
    private static String content(String directory, String file) {
        Path path = Path.of(directory, file);
        try {
            return Files.readString(path).replaceFirst("\\R$", "");
        } catch (IOException | InvalidPathException e) {
            throw new IllegalArgumentException("cannot read " + path + ": " + reason(e), e);
        }
    }
}
