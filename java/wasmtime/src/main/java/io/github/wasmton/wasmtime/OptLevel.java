package io.github.wasmton.wasmtime;

/** What the compiler optimises for. */
public enum OptLevel {
    /** Short compile times. */
    NONE,
    /** Fast code: the default. */
    SPEED,
    /** Fast code that is smaller too. */
    SPEED_AND_SIZE
}
