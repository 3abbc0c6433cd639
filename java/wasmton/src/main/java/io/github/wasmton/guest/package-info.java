/**
 * Guests: WebAssembly files that process tasks. A {@link io.github.wasmton.guest.GuestModule} is compiled once, with
 * the grants and limits of its {@link io.github.wasmton.guest.GuestOptions}; it makes a
 * {@link io.github.wasmton.guest.Guest} for each thread, or a {@link io.github.wasmton.guest.GuestPool} runs many tasks
 * at once without a thread each. A {@link io.github.wasmton.guest.Task} goes in, an
 * {@link io.github.wasmton.guest.Outcome} comes out. What a guest keeps from task to task is in
 * {@link io.github.wasmton.guest.StateStores} of the caller's. Nothing here knows Kafka: use it to run processors
 * anywhere.
 */
package io.github.wasmton.guest;
