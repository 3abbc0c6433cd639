package io.github.wasmton.wasmtime;

import java.util.List;

/**
 * The type of an exception's tag.
 *
 * @param type a type whose parameters are the types of the exception's values; it has no results
 */
public record TagType(FuncType type) implements ExternType {
    public TagType {
        if (!type.results().isEmpty()) {
            throw new IllegalArgumentException("the type of a tag cannot have results: " + type);
        }
    }

    /** Returns the type of a tag whose exceptions carry values of these types. */
    public static TagType of(WasmValType<?>... payload) {
        return new TagType(new FuncType(List.of(payload), List.of()));
    }

    /** Returns the types of the values that an exception carries. */
    public List<WasmValType<?>> payload() {
        return type.params();
    }

    @Override
    public Extern.Kind kind() {
        return Extern.Kind.TAG;
    }
}
