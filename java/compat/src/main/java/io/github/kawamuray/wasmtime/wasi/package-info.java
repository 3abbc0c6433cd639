/** WASI of version 0.19.0, on top of {@link io.github.wasmton.wasmtime.wasi}. */
package io.github.kawamuray.wasmtime.wasi;
