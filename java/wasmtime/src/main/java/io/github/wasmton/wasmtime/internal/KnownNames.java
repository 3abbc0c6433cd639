package io.github.wasmton.wasmtime.internal;

/** The known names, for a message about an unknown one. */
public final class KnownNames {
    private KnownNames() {}

    /** Returns the end of a sentence that lists the names, which have commas between them. */
    public static String text(String names) {
        return names.isEmpty() ? "there are none" : "there are: " + names;
    }
}
