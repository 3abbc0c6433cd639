package io.github.wasmton.wasmtime;

/**
 * A reference of wasm's type {@code any}, which its garbage collector knows: an integer, a struct, an array, or a Java
 * object that wasm has converted. Null stands for a null reference.
 */
public sealed interface AnyRef permits EqRef, HostRef {}
