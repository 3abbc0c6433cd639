package io.github.kawamuray.wasmtime;

/**
 * An item that a module can import or export: {@link io.github.wasmton.wasmtime.Extern}. The methods for another kind
 * of item than this one throw {@link IllegalStateException}.
 */
public class Extern {
    /** The kinds of items. */
    public enum Type {
        /** None of the others: a shared memory or a tag. */
        UNKNOWN,
        /** A function. */
        FUNC,
        /** A global variable. */
        GLOBAL,
        /** A table. */
        TABLE,
        /** A memory. */
        MEMORY
    }

    /** No item. */
    public static final Extern UNKNOWN = new Extern(null);

    private final io.github.wasmton.wasmtime.Extern delegate;

    Extern(io.github.wasmton.wasmtime.Extern delegate) {
        this.delegate = delegate;
    }

    /** Wraps a function. */
    public static Extern fromFunc(Func func) {
        return new Extern(io.github.wasmton.wasmtime.Extern.fromFunc(func.delegate));
    }

    /** Wraps a memory. */
    public static Extern fromMemory(Memory memory) {
        return new Extern(io.github.wasmton.wasmtime.Extern.fromMemory(memory.delegate));
    }

    /** Wraps a table. */
    public static Extern fromTable(Table table) {
        return new Extern(io.github.wasmton.wasmtime.Extern.fromTable(table.delegate));
    }

    /** Wraps a global variable. */
    public static Extern fromGlobal(Global global) {
        return new Extern(io.github.wasmton.wasmtime.Extern.fromGlobal(global.delegate));
    }

    /** Returns this item as a function. */
    public Func func() {
        return new Func(delegate().func());
    }

    /** Returns this item as a global variable. */
    public Global global() {
        return new Global(delegate().global());
    }

    /** Returns this item as a memory. */
    public Memory memory() {
        return new Memory(delegate().memory());
    }

    /** Returns this item as a table. */
    public Table table() {
        return new Table(delegate().table());
    }

    /** Returns the kind of this item. */
    public Type type() {
        if (delegate == null) {
            return Type.UNKNOWN;
        }
        return switch (delegate.kind()) {
            case FUNC -> Type.FUNC;
            case GLOBAL -> Type.GLOBAL;
            case TABLE -> Type.TABLE;
            case MEMORY -> Type.MEMORY;
            case SHARED_MEMORY, TAG -> Type.UNKNOWN;
        };
    }

    io.github.wasmton.wasmtime.Extern delegate() {
        if (delegate == null) {
            throw new IllegalStateException("Extern.UNKNOWN stands for no item");
        }
        return delegate;
    }
}
