package io.github.wasmton.wasmtime;

/** An integer smaller than wasm's values, for fields of structs and elements of arrays. */
public enum PackedType implements StorageType {
    /** 8-bit integers. */
    I8('b'),
    /** 16-bit integers. */
    I16('h');

    /** The type's letter in Rust. */
    final char letter;

    PackedType(char letter) {
        this.letter = letter;
    }
}
