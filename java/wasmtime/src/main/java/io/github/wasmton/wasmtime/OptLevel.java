package io.github.wasmton.wasmtime;

/** A goal of the compiler's optimisations. */
public enum OptLevel {
    /** Short compile times. */
    NONE,
    /** Fast code: the default. */
    SPEED,
    /** Fast and smaller code. */
    SPEED_AND_SIZE
}
