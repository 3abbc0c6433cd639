package io.github.wasmton.wasmtime;

/** A type of what a field of a struct or an element of an array stores. Integers stand for {@link PackedType}. */
public sealed interface StorageType permits WasmValType, PackedType {}
