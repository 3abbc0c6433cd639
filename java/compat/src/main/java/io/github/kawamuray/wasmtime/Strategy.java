package io.github.kawamuray.wasmtime;

/** A compiler. There is one, Cranelift, so both constants mean it. */
public enum Strategy {
    /** The default. */
    AUTO,
    /** Cranelift. */
    CRANELIFT
}
