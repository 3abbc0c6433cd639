package io.github.wasmton.wasmtime;

import io.github.wasmton.wasmtime.internal.NativeLibrary;

/**
 * What tells the exceptions of wasm apart: wasm catches those of a tag. It belongs to its {@link Store} and lives as
 * long as that: make tags once, not per call. Two Tags are equal if they stand for the same tag; those of equal types
 * are not.
 */
public final class Tag implements AutoCloseable {
    static {
        NativeLibrary.register(Tag.class);
    }

    final Store store;
    final int index;
    /** Does not change. */
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
     * Makes a tag, for wasm to import and for exceptions of Java's own: {@link WasmException}.
     *
     * @throws IllegalArgumentException if a type is {@link WasmValType#OTHER_REF}
     */
    public Tag(Store store, TagType type) {
        this(store, create(Store.handleOf(store), type.type().letters()), type);
    }

    /** The types of what its exceptions carry. */
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

    /** Does nothing: a tag goes with its Store. */
    @Override
    public void close() {}

    private static native int create(long store, String type);
}
