package io.github.wasmton.internal.text;

import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Names of settings in messages. The library writes those of its API, such as {@code GuestLimits.memory}, or
 * {@code "example.com:443" in NetworkAccess.connect} for a value that a list lacks. A program whose users know other
 * names translates them while it runs. The table is the process's: a line in the log belongs to no program.
 */
public final class SettingNames implements AutoCloseable {
    private static final Pattern SETTING =
            Pattern.compile("(?:\"([^\"]*)\" in )?\\b([A-Z][A-Za-z]+\\.[a-z][A-Za-z]+)\\b");
    private static final AtomicInteger users = new AtomicInteger();
    private static volatile Map<String, String> names = Map.of();

    private SettingNames() {
    }

    /**
     * Translates names from now on until the result is closed.
     *
     * @param other another name for each setting, by the library's own
     */
    public static SettingNames translate(Map<String, String> other) {
        names = Map.copyOf(other);
        users.incrementAndGet();
        return new SettingNames();
    }

    /** Ends the translation, unless somebody else began it as well. */
    @Override
    public void close() {
        if (users.decrementAndGet() == 0) {
            names = Map.of();
        }
    }

    /** Returns a message with the names that are in use; a value comes behind the name of its list then. */
    public static String in(String message) {
        Map<String, String> names = SettingNames.names;
        return names.isEmpty() || message.indexOf('.') < 0 ? message : SETTING.matcher(message)
                .replaceAll(setting -> Matcher.quoteReplacement(translated(names, setting.group(1), setting.group(2),
                        setting.group())));
    }

    private static String translated(Map<String, String> names, String value, String setting, String whole) {
        String name = names.get(setting);
        return name == null ? whole : value == null ? name : name + ' ' + value;
    }
}
