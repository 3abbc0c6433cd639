package io.github.kawamuray.wasmtime;

/** A goal of the compiler's optimisations: {@link io.github.wasmton.wasmtime.OptLevel}. */
public enum OptLevel {
    /** Short compile times. */
    NONE,
    /** Fast code: the default. */
    SPEED,
    /** Fast and smaller code. */
    SPEED_AND_SIZE
}
