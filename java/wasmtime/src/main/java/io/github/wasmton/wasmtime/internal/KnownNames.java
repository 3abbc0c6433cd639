package io.github.wasmton.wasmtime.internal;

/** The names that there are, for a message about one that is not among them. */
public final class KnownNames {
    private KnownNames() {}

    /** Returns the end of a sentence that lists the names, which have commas between them. */
    public static String text(String names) {
        return names.isEmpty() ? "there are none" : "there are: " + names;
    }
}
