/**
 * WASI for the modules (preview 1) and components (0.2 and 0.3) of a Store: {@link
 * io.github.wasmton.wasmtime.wasi.WasiConfig} configures what a guest sees, {@link
 * io.github.wasmton.wasmtime.wasi.Wasi} adds it to a linker.
 *
 * <p>A guest sees nothing that it was not granted: no argument, no environment variable, no directory, no network.
 * Clocks and random numbers are the host's unless others are configured. A {@code WasiConfig} and its parts are plain
 * values. Streams and paths in it are opened when a {@code Wasi} is created, and belong to its Store.
 */
package io.github.wasmton.wasmtime.wasi;
