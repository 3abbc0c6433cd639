package io.github.wasmton.wasmtime;

/** Parts of WebAssembly that an {@link Engine} can do without, or has to be told to do. */
public enum WasmFeature {
    /** Calls that take the place of their caller. */
    TAIL_CALL,
    /** Memories with pages of one byte. Off by default. */
    CUSTOM_PAGE_SIZES,
    /** Atomic operations; {@link Config#sharedMemory} is for memories to share. */
    THREADS,
    /** Values of the types funcref and externref. */
    REFERENCE_TYPES,
    /** References to functions of a known type. */
    FUNCTION_REFERENCES,
    /** Integers of 128 bits. Off by default. */
    WIDE_ARITHMETIC,
    /** Structs and arrays that are collected. */
    GC,
    /** Vectors. */
    SIMD,
    /** Vector operations whose results differ between processors; needs {@link #SIMD}. */
    RELAXED_SIMD,
    /** Copying and filling of memories and tables. */
    BULK_MEMORY,
    /** Functions with several results. */
    MULTI_VALUE,
    /** Modules with several memories. */
    MULTI_MEMORY,
    /** Memories and tables that are addressed by 64 bits. */
    MEMORY64,
    /** Arithmetic in constant expressions. */
    EXTENDED_CONST,
    /** Exceptions. */
    EXCEPTIONS
}
