/**
 * WASI preview 1 for the modules of a Store: {@link io.github.wasmton.wasmtime.wasi.WasiConfig} says what a guest gets
 * to see, {@link io.github.wasmton.wasmtime.wasi.Wasi} puts it into a Linker.
 *
 * <p>What was not granted is not there: no argument, no variable of the environment, no directory, and never a network.
 * Clocks and randomness are the host's unless others are given. A {@code WasiConfig} and what it is made of are plain
 * values; the streams and paths in it are opened when a {@code Wasi} is made, and belong to its Store.
 */
package io.github.wasmton.wasmtime.wasi;
