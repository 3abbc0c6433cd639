/**
 * Rules for tasks that fail. {@link io.github.wasmton.failure.FailureOptions} describe the usual ones: the number of
 * attempts, the back-off, an action for each kind of failure, the dead-letter topic, and the rate of failures that
 * stops everything. A {@link io.github.wasmton.failure.FailurePolicy} of your own answers each failed attempt with a
 * {@link io.github.wasmton.failure.Verdict}, which Wasmton carries out.
 */
package io.github.wasmton.failure;
