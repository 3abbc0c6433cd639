package io.github.wasmton.wasmtime;

import io.github.wasmton.wasmtime.internal.NativeLibrary;

/**
 * A tag of wasm exceptions: wasm catches exceptions by their tags. It belongs to its {@link Store} and lives as long as
 * that Store: create tags once, not once per call. Two Tags are equal if they stand for the same tag; equal types do
 * not make them equal.
 */
public final class Tag implements AutoCloseable {
    static {
        NativeLibrary.register(Tag.class);
    }

    final Store store;
    final int index;
    /** The type; it does not change. */
    private final TagType type;

    Tag(Store store, int index) {
        this(store, index, (TagType) Extern.type(store, index));
    }

    Tag(Store store, int index, TagType type) {
        this.store = store;
        this.index = index;
        this.type = type;
    }

    /**
     * Creates a tag that wasm can import, and that a {@link WasmException} thrown by Java can have.
     *
     * @throws IllegalArgumentException if a type is {@link WasmValType#OTHER_REF}
     */
    public Tag(Store store, TagType type) {
        this(store, create(Store.handleOf(store), type.type().description()), type);
    }

    /** Returns the types of the values that its exceptions carry. */
    public TagType type() {
        return type;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Tag tag && tag.store == store && tag.index == index;
    }

    @Override
    public int hashCode() {
        return index;
    }

    /** Does nothing: a tag ends with its Store. */
    @Override
    public void close() {}

    private static native int create(long store, String type);
}
