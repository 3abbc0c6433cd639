package io.github.wasmton.wasmtime;

import java.util.Objects;

/**
 * The type of a global variable.
 *
 * @param content the type of its value
 * @param mutable whether the value can change
 */
public record GlobalType(WasmValType<?> content, boolean mutable) implements ExternType {
    public GlobalType {
        Objects.requireNonNull(content, "content");
    }

    @Override
    public Extern.Kind kind() {
        return Extern.Kind.GLOBAL;
    }
}
