package io.github.wasmton.wasmtime.component;

import java.util.Locale;

/** Java's names for those of WIT, which are words with hyphens between them. */
final class JavaNames {
    private JavaNames() {}

    /** Returns the name of a method or of a record's component, as in {@code findAll} for {@code find-all}. */
    static String camel(String name) {
        StringBuilder camel = new StringBuilder();
        for (String word : name.split("-")) {
            boolean first = camel.length() == 0;
            camel.append(first ? word.toLowerCase(Locale.ROOT)
                    : Character.toUpperCase(word.charAt(0)) + word.substring(1).toLowerCase(Locale.ROOT));
        }
        return camel.toString();
    }

    /** Returns the name of a class, as in {@code NotFound} for {@code not-found}. */
    static String pascal(String name) {
        String camel = camel(name);
        return Character.toUpperCase(camel.charAt(0)) + camel.substring(1);
    }

    /** Returns the name of an enum's constant, as in {@code DARK_RED} for {@code dark-red}. */
    static String constant(String name) {
        return name.replace('-', '_').toUpperCase(Locale.ROOT);
    }

    /** Tells if a name in Java stands for one of WIT. Java's may have an underscore at its end, to be no keyword. */
    static boolean matches(String java, String camel) {
        return java.equals(camel) || java.length() == camel.length() + 1 && java.startsWith(camel)
                && java.endsWith("_");
    }
}
