package io.github.wasmton.wasmtime;

/** The type of something that a module imports or exports. A plain value. */
public sealed interface ExternType permits FuncType, GlobalType, TableType, MemoryType, TagType {
    /** What is of this type. */
    Extern.Kind kind();
}
