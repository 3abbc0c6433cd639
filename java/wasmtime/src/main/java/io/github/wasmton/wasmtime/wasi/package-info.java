/**
 * WASI preview 1 for the modules of a Store: {@link io.github.wasmton.wasmtime.wasi.WasiConfig} configures what a guest
 * sees, {@link io.github.wasmton.wasmtime.wasi.Wasi} adds it to a Linker.
 *
 * <p>A guest sees nothing that it was not granted: no argument, no environment variable, no directory, and never a
 * network. Clocks and random numbers are the host's unless others are configured. A {@code WasiConfig} and its parts
 * are plain values. Streams and paths in it are opened when a {@code Wasi} is created, and belong to its Store.
 */
package io.github.wasmton.wasmtime.wasi;
