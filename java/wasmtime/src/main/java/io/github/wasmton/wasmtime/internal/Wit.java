package io.github.wasmton.wasmtime.internal;

/** Reads WIT for the generator of Java sources, in the artefact {@code wasmtime-java-bindgen}. */
public final class Wit {
    static {
        NativeLibrary.register(Wit.class);
    }

    private Wit() {}

    /**
     * Reads a folder or file of WIT, or a component, in the binary or the text format.
     *
     * @param world the world to take, by its name or as in {@code acme:shop/plugin@1.0.0}; empty for the only one
     * @return JSON, in the form that wit-parser gives it; see wit.rs
     * @throws IllegalArgumentException if it cannot be read, has an error, or leaves open which world is meant
     */
    public static native String read(String path, String world);
}
