package io.github.kawamuray.wasmtime;

/** The mutability of a global variable: {@link io.github.wasmton.wasmtime.GlobalType#mutable}. */
public enum Mutability {
    /** A constant. */
    CONST,
    /** A variable. */
    VAR
}
