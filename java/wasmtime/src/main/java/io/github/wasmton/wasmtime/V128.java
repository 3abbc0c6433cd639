package io.github.wasmton.wasmtime;

/**
 * A vector of 128 bits, which wasm uses as lanes of integers or floats, little-endian.
 *
 * @param low  the bits 0 to 63
 * @param high the bits 64 to 127
 */
public record V128(long low, long high) {}
