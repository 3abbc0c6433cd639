package io.github.wasmton.wasmtime;

/** The type of an import or export. A plain value. */
public sealed interface ExternType permits FuncType, GlobalType, TableType, MemoryType, TagType {
    /** Returns the kind of items of this type. */
    Extern.Kind kind();
}
