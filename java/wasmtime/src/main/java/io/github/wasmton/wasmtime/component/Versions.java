package io.github.wasmton.wasmtime.component;

import java.util.Collection;

/** Versions of interfaces, by the rules of semantic versioning. */
final class Versions {
    private Versions() {}

    /** Returns the name among others that differs by a compatible version alone; the name itself if there is none. */
    static String find(String name, Collection<String> among) {
        if (among.contains(name)) {
            return name;
        }
        String key = key(name);
        return among.stream().filter(other -> key(other).equals(key)).findFirst().orElse(name);
    }

    /** Returns the name with the part of its version that compatible versions share. */
    private static String key(String name) {
        int at = name.lastIndexOf('@');
        if (at < 0) {
            return name;
        }
        String version = name.substring(at + 1);
        if (version.indexOf('-') >= 0 || version.indexOf('+') >= 0) {
            return name;
        }
        String[] numbers = version.split("\\.");
        int shared = 1;
        while (shared < numbers.length && numbers[shared - 1].equals("0")) {
            shared++;
        }
        return name.substring(0, at + 1) + String.join(".", java.util.Arrays.copyOf(numbers, shared));
    }
}
