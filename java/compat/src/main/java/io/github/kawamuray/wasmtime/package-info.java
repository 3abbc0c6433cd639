/**
 * The classes of version 0.19.0 of {@code io.github.kawamuray.wasmtime:wasmtime-java}, on top of
 * {@link io.github.wasmton.wasmtime}: code written for that version compiles and runs with this dependency in its
 * place. New code uses {@link io.github.wasmton.wasmtime} itself; lifetimes, threads and failures follow its rules.
 */
package io.github.kawamuray.wasmtime;
