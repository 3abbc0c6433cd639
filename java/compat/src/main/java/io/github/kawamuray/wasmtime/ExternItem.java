package io.github.kawamuray.wasmtime;

/**
 * A definition in a {@link Linker}, an entry of {@link io.github.wasmton.wasmtime.Linker#externs}.
 *
 * @param module the module name that importers use
 * @param name   the name in that module
 * @param extern the item
 */
public record ExternItem(String module, String name, Extern extern) {}
