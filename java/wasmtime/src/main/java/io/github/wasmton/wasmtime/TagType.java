package io.github.wasmton.wasmtime;

import java.util.Objects;

/**
 * The type of an exception's tag.
 *
 * @param type its parameters are the types of what the exception carries; it has no results
 */
public record TagType(FuncType type) implements ExternType {
    public TagType {
        Objects.requireNonNull(type, "type");
    }

    @Override
    public Extern.Kind kind() {
        return Extern.Kind.TAG;
    }
}
