package io.github.wasmton.wasmtime;

/** A reference of wasm's type {@code eq}: those that wasm can compare by {@code ref.eq}. */
public sealed interface EqRef extends AnyRef permits I31, GcRef {}
