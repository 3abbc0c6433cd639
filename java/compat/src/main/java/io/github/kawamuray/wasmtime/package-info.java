/**
 * The classes of version 0.19.0 of {@code io.github.kawamuray.wasmtime:wasmtime-java}, on top of
 * {@link io.github.wasmton.wasmtime}: code written for that version compiles and runs with this dependency in its
 * place. New code uses {@link io.github.wasmton.wasmtime} itself. Lifetimes, threads and failures are as there.
 */
package io.github.kawamuray.wasmtime;
