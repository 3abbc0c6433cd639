package io.github.wasmton.wasmtime.internal;

import java.util.List;
import java.util.Locale;

/** Java's names for those of WIT, which are words with hyphens between them. */
public final class JavaNames {
    private JavaNames() {}

    /** Returns the name of a method or of a record's component, as in {@code findAll} for {@code find-all}. */
    public static String camel(String name) {
        StringBuilder camel = new StringBuilder();
        for (String word : name.split("-")) {
            boolean first = camel.length() == 0;
            camel.append(first ? word.toLowerCase(Locale.ROOT)
                    : Character.toUpperCase(word.charAt(0)) + word.substring(1).toLowerCase(Locale.ROOT));
        }
        return camel.toString();
    }

    /**
     * Returns the name of a method that stands for a function. Those of a resource have its name, too: {@code
     * newCounter} for {@code [constructor]counter}, {@code counterSum} for {@code [static]counter.sum}. A method of a
     * resource belongs to the class of the resource, and has no such name.
     */
    public static String function(String name) {
        if (name.startsWith("[constructor]")) {
            return camel("new-" + name.substring("[constructor]".length()));
        }
        return name.startsWith("[static]") ? camel(name.substring("[static]".length()).replace('.', '-')) : camel(name);
    }

    /** Returns the names of a method that stands for an exported interface, in the order in which they are tried. */
    public static List<String> exportedInterface(String name) {
        int at = name.indexOf('@');
        String plain = at < 0 ? name : name.substring(0, at);
        return List.of(camel(plain.substring(plain.indexOf('/') + 1)), camel(plain.replaceAll("[:/]", "-")));
    }

    /** Returns the name of a class, as in {@code NotFound} for {@code not-found}. */
    public static String pascal(String name) {
        String camel = camel(name);
        return Character.toUpperCase(camel.charAt(0)) + camel.substring(1);
    }

    /** Returns the name of an enum's constant, as in {@code DARK_RED} for {@code dark-red}. */
    public static String constant(String name) {
        return name.replace('-', '_').toUpperCase(Locale.ROOT);
    }

    /** Returns whether a Java name stands for a WIT name. It may end with an underscore, which makes it no keyword. */
    public static boolean matches(String java, String camel) {
        return java.equals(camel) || java.length() == camel.length() + 1 && java.startsWith(camel)
                && java.endsWith("_");
    }
}
