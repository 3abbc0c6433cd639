/**
 * The program. {@link io.github.wasmton.Wasmton} is its main class, and also starts and stops it from Java. Everything
 * below {@code io.github.wasmton.internal} may change at any time.
 */
package io.github.wasmton;
