package io.github.wasmton.wasmtime;

/** Features of WebAssembly that can be turned on or off for an {@link Engine}. On by default unless noted. */
// Each constant needs an arm in config.rs.
public enum WasmFeature {
    /** Calls that replace their caller's frame. */
    TAIL_CALL,
    /** Memories with pages of one byte. Off by default. */
    CUSTOM_PAGE_SIZES,
    /** Atomic operations; {@link Config#sharedMemory} allows memories to share. */
    THREADS,
    /** Values of the types funcref and externref. */
    REFERENCE_TYPES,
    /** References to functions of a known type. */
    FUNCTION_REFERENCES,
    /** Integers of 128 bits. Off by default. */
    WIDE_ARITHMETIC,
    /** Garbage-collected structs and arrays. */
    GC,
    /** Vectors. */
    SIMD,
    /** Vector operations whose results differ between CPUs; needs {@link #SIMD}. */
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
    EXCEPTIONS,
    /**
     * Async functions of components, and WASI 0.3. Off by default: every call of a component takes three times as long
     * with it, and wasmtime calls WASI 0.3 experimental. An engine with a pool has 100 stacks for async functions.
     */
    COMPONENT_MODEL_ASYNC,
    /** Async functions that wait on a stack of their own. Off by default; turns {@link #COMPONENT_MODEL_ASYNC} on. */
    COMPONENT_MODEL_ASYNC_STACKFUL
}
