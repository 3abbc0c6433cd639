package io.github.wasmton.internal.cli;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Settings that must not appear in a log or on a screen. */
final class Secrets {
    static final String MASK = "****";

    private static final Pattern NAME = Pattern.compile("(?i).*(password|passwd|passphrase|secret|token|credential|"
            + "jaas|private|api.?key|user.?info|authorization|cookie|bearer|signature|dsn|connection.?string).*"
            + "|(.*[._-])?(key|pg?pass|pass(code|phrase)?|pwd|auth|pin|salt|sas|session|access.?key.?id|.*pwd)");
    /** The part of an address before the @, with a scheme or without. */
    private static final Pattern USER =
            Pattern.compile("(?<=://)[^/@\\s]+(?=@)|(?<![^\\s,;\"'=])[^\\s/@:,;=]+:[^\\s/@]+(?=@)");
    /** A parameter of an address or of a connection string, such as {@code ?token=x} or {@code Pwd=x;}. */
    private static final Pattern PARAMETER = Pattern.compile("([A-Za-z][\\w.-]*)=([^&;\\s\"']+)");
    /** Separators of a secret's parts, such as those of {@code sasl.jaas.config}. */
    private static final Pattern BETWEEN = Pattern.compile("[\\s=;,\"']+");
    /** Parts that are no secrets, and whose masking would make an error unreadable. */
    private static final Pattern HARMLESS =
            Pattern.compile(".{0,3}|required|requisite|sufficient|optional|username|password|[\\w.]+LoginModule");

    /** No secrets. */
    static final Secrets NONE = new Secrets(List.of());

    private final Set<String> values = new TreeSet<>(
            Comparator.comparingInt(String::length).reversed().thenComparing(Comparator.naturalOrder()));

    /** Creates a set of secrets and their parts: a client that cannot parse a secret may quote a part of it. */
    Secrets(Collection<String> secrets) {
        for (String secret : secrets) {
            values.add(secret);
            values.addAll(List.of(BETWEEN.split(secret)));
        }
        values.removeIf(value -> HARMLESS.matcher(value).matches());
    }

    /** Returns these secrets and others. */
    Secrets and(Collection<String> others) {
        List<String> all = new ArrayList<>(values);
        all.addAll(others);
        return new Secrets(all);
    }

    /** Returns the text with the secrets masked. */
    String mask(String text) {
        String masked = text;
        for (String value : values) {
            masked = masked.replace(value, MASK);
        }
        return masked;
    }

    /**
     * Returns whether a setting with that name holds a secret. A name too many does no harm: its value is only masked.
     */
    static boolean isSecret(String name) {
        return NAME.matcher(name).matches();
    }

    /** Returns the value of that setting, masked if it is a secret. */
    static String mask(String name, String value) {
        return isSecret(name) ? MASK : PARAMETER.matcher(USER.matcher(value).replaceAll(MASK)).replaceAll(pair ->
                Matcher.quoteReplacement(pair.group(1) + '=' + (isSecret(pair.group(1)) ? MASK : pair.group(2))));
    }

    /** Returns whether a setting is one of the guest's own, whose names say nothing for certain. */
    static boolean mayBe(String name) {
        return name.startsWith("env.") || name.startsWith("guest-config.");
    }
}
