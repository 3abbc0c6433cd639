package io.github.wasmton.wasmtime;

import java.util.Objects;

import io.github.wasmton.wasmtime.internal.NativeLibrary;

/** An item that a module can import or export. It belongs to a {@link Store} and lives as long as that Store. */
public final class Extern {
    /** The kinds of externs, in the order in which Rust numbers them. */
    public enum Kind { FUNC, GLOBAL, TABLE, MEMORY, SHARED_MEMORY, TAG }

    static {
        NativeLibrary.register(Extern.class);
    }

    private static final Kind[] KINDS = Kind.values();

    final Store store;
    final int index;
    private final Kind kind;
    /** The object of this kind; null for a shared memory, which gets a new handle each time it is asked for. */
    private final Object value;

    private Extern(Store store, int index, Kind kind, Object value) {
        this.store = store;
        this.index = index;
        this.kind = kind;
        this.value = value;
    }

    /** @param numbered an item's number in the Store in the lower half, its kind in the upper half */
    static Extern of(Store store, long numbered) {
        int index = (int) numbered;
        Kind kind = KINDS[(int) (numbered >> 32)];
        return new Extern(store, index, kind, switch (kind) {
            case FUNC -> new Func(store, index);
            case GLOBAL -> new Global(store, index);
            case TABLE -> new Table(store, index);
            case MEMORY -> new Memory(store, index);
            case TAG -> new Tag(store, index);
            case SHARED_MEMORY -> null;
        });
    }

    /** Wraps a function, to be defined in a {@link Linker}. */
    public static Extern fromFunc(Func func) {
        return new Extern(func.store, func.index, Kind.FUNC, func);
    }

    /** Wraps a global variable, to be defined in a {@link Linker}. */
    public static Extern fromGlobal(Global global) {
        return new Extern(global.store, global.index, Kind.GLOBAL, global);
    }

    /** Wraps a table, to be defined in a {@link Linker}. */
    public static Extern fromTable(Table table) {
        return new Extern(table.store, table.index, Kind.TABLE, table);
    }

    /** Wraps a memory, to be defined in a {@link Linker}. */
    public static Extern fromMemory(Memory memory) {
        return new Extern(memory.store, memory.index, Kind.MEMORY, memory);
    }

    /**
     * Wraps a shared memory, to be defined in a {@link Linker} of that Store.
     *
     * @throws IllegalArgumentException if the memory belongs to another Engine
     */
    public static Extern fromSharedMemory(Store store, SharedMemory memory) {
        return new Extern(store, memory.addTo(store), Kind.SHARED_MEMORY, null);
    }

    /** Wraps a tag, to be defined in a {@link Linker}. */
    public static Extern fromTag(Tag tag) {
        return new Extern(tag.store, tag.index, Kind.TAG, tag);
    }

    /** Returns the kind of this item. */
    public Kind kind() {
        return kind;
    }

    /**
     * Returns the type of this item.
     *
     * @throws IllegalStateException if the Store is closed or another thread is using it
     */
    public ExternType type() {
        return type(store, index);
    }

    /** Returns the type of an item of a Store. */
    static ExternType type(Store store, int index) {
        return ExternTypes.parse(describe(Store.handleOf(store), index));
    }

    /**
     * Returns this item as a function.
     *
     * @throws IllegalStateException if the item is of another kind
     */
    public Func func() {
        return as(Kind.FUNC, Func.class);
    }

    /**
     * Returns this item as a global variable.
     *
     * @throws IllegalStateException if the item is of another kind
     */
    public Global global() {
        return as(Kind.GLOBAL, Global.class);
    }

    /**
     * Returns this item as a table.
     *
     * @throws IllegalStateException if the item is of another kind
     */
    public Table table() {
        return as(Kind.TABLE, Table.class);
    }

    /**
     * Returns this item as a memory.
     *
     * @throws IllegalStateException if the item is of another kind
     */
    public Memory memory() {
        return as(Kind.MEMORY, Memory.class);
    }

    /**
     * Returns this item as a shared memory, by a new handle, which the caller closes.
     *
     * @throws IllegalStateException if the item is of another kind, or the Store is closed or in use
     */
    public SharedMemory sharedMemory() {
        check(Kind.SHARED_MEMORY);
        return SharedMemory.of(store, index);
    }

    /**
     * Returns this item as a tag.
     *
     * @throws IllegalStateException if the item is of another kind
     */
    public Tag tag() {
        return as(Kind.TAG, Tag.class);
    }

    private <T> T as(Kind wanted, Class<T> type) {
        check(wanted);
        return type.cast(Objects.requireNonNull(value));
    }

    private void check(Kind wanted) {
        if (kind != wanted) {
            throw new IllegalStateException("this Extern is a " + kind + ", not a " + wanted);
        }
    }

    private static native String describe(long store, int item);
}
