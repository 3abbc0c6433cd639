/**
 * Counts of tasks, and Micrometer meters that show them. {@link io.github.wasmton.metrics.TaskStats} come from
 * {@code WasmtonRuntime.stats()}; {@link io.github.wasmton.metrics.TaskMeters} bind them to a registry.
 */
package io.github.wasmton.metrics;
