/**
 * Processors for a Decaton subscription of your own. {@link io.github.wasmton.decaton.WasmtonProcessor} processes one
 * task at a time on each of Decaton's threads, {@link io.github.wasmton.decaton.AsyncWasmtonProcessor} many at once
 * without a thread each. Both share their dead-letter topic, counts and shutdown through a
 * {@link io.github.wasmton.decaton.WasmtonRuntime}. Decaton is not a dependency of this artefact: add it yourself.
 */
package io.github.wasmton.decaton;
