package io.github.wasmton.wasmtime;

import java.util.Objects;

/** Something that a module can import or export. It belongs to a {@link Store} and lives as long as that. */
public final class Extern {
    /** The kinds of externs, in the order in which Rust numbers them. */
    public enum Kind { FUNC, GLOBAL, TABLE, MEMORY, SHARED_MEMORY, TAG }

    private static final Kind[] KINDS = Kind.values();

    final Store store;
    final int index;
    private final Kind kind;
    /** The Func or Memory itself; null for the other kinds. */
    private final Object value;

    private Extern(Store store, int index, Kind kind, Object value) {
        this.store = store;
        this.index = index;
        this.kind = kind;
        this.value = value;
    }

    /** @param numbered an item's number in the Store, with its kind above it */
    static Extern of(Store store, long numbered) {
        int index = (int) numbered;
        Kind kind = KINDS[(int) (numbered >> 32)];
        return new Extern(store, index, kind, switch (kind) {
            case FUNC -> new Func(store, index);
            case MEMORY -> new Memory(store, index);
            default -> null;
        });
    }

    /** The function as an Extern, to be defined in a {@link Linker}. */
    public static Extern fromFunc(Func func) {
        return new Extern(func.store, func.index, Kind.FUNC, func);
    }

    /** The memory as an Extern, to be defined in a {@link Linker}. */
    public static Extern fromMemory(Memory memory) {
        return new Extern(memory.store, memory.index, Kind.MEMORY, memory);
    }

    /** What this is. */
    public Kind kind() {
        return kind;
    }

    /**
     * The function that this is.
     *
     * @throws IllegalStateException if it is of another kind
     */
    public Func func() {
        return as(Kind.FUNC, Func.class);
    }

    /**
     * The memory that this is.
     *
     * @throws IllegalStateException if it is of another kind
     */
    public Memory memory() {
        return as(Kind.MEMORY, Memory.class);
    }

    private <T> T as(Kind wanted, Class<T> type) {
        if (kind != wanted) {
            throw new IllegalStateException("this Extern is a " + kind + ", not a " + wanted);
        }
        return type.cast(Objects.requireNonNull(value));
    }
}
