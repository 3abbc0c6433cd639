package io.github.wasmton.wasmtime;

import java.util.List;

/**
 * The type of an exception's tag.
 *
 * @param type its parameters are the types of what the exception carries; it has no results
 */
public record TagType(FuncType type) implements ExternType {
    public TagType {
        if (!type.results().isEmpty()) {
            throw new IllegalArgumentException("the type of a tag has no results: " + type);
        }
    }

    /** The type of a tag whose exceptions carry values of these types. */
    public static TagType of(WasmValType<?>... payload) {
        return new TagType(new FuncType(List.of(payload), List.of()));
    }

    /** The types of what an exception carries. */
    public List<WasmValType<?>> payload() {
        return type.params();
    }

    @Override
    public Extern.Kind kind() {
        return Extern.Kind.TAG;
    }
}
