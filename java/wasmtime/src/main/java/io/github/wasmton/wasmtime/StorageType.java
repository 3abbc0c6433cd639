package io.github.wasmton.wasmtime;

/** The type of a struct's field or of an array's elements. The values of a {@link PackedType} are Integers. */
public sealed interface StorageType permits WasmValType, PackedType {}
