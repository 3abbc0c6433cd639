package io.github.kawamuray.wasmtime;

/**
 * The names and type of an import of a module: {@link io.github.wasmton.wasmtime.ImportType}. The methods for another
 * kind of import than this one throw {@link ClassCastException}.
 */
public class ImportType {
    /** The kinds of imports. */
    public enum Type {
        /** A function. */
        FUNC,
        /** A global variable. */
        GLOBAL,
        /** A table. */
        TABLE,
        /** A memory, shared or not. */
        MEMORY
    }

    private final io.github.wasmton.wasmtime.ImportType delegate;

    ImportType(io.github.wasmton.wasmtime.ImportType delegate) {
        this.delegate = delegate;
    }

    /** Returns the type of an imported function. */
    public FuncType func() {
        return FuncType.of((io.github.wasmton.wasmtime.FuncType) delegate.type());
    }

    /** Returns the type of an imported global variable. */
    public GlobalType global() {
        return GlobalType.of((io.github.wasmton.wasmtime.GlobalType) delegate.type());
    }

    /** Returns the type of an imported memory. */
    public MemoryType memory() {
        return MemoryType.of((io.github.wasmton.wasmtime.MemoryType) delegate.type());
    }

    /** Returns the type of an imported table. */
    public TableType table() {
        return TableType.of((io.github.wasmton.wasmtime.TableType) delegate.type());
    }

    /**
     * Returns the kind of the import.
     *
     * @throws UnsupportedOperationException if it is a tag
     */
    public Type type() {
        return switch (delegate.type().kind()) {
            case FUNC -> Type.FUNC;
            case GLOBAL -> Type.GLOBAL;
            case TABLE -> Type.TABLE;
            case MEMORY, SHARED_MEMORY -> Type.MEMORY;
            case TAG -> throw new UnsupportedOperationException("no ImportType.Type stands for a tag: use "
                    + "io.github.wasmton.wasmtime.ImportType");
        };
    }

    /** Returns the name of the module that it imports from. */
    public String module() {
        return delegate.module();
    }

    /** Returns the name in that module. */
    public String name() {
        return delegate.name();
    }
}
