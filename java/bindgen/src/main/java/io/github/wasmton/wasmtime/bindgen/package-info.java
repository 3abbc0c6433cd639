/**
 * The generator of Java sources from WIT. Its output is used with the package
 * {@code io.github.wasmton.wasmtime.component}; nothing of this package is needed at run time.
 */
package io.github.wasmton.wasmtime.bindgen;
