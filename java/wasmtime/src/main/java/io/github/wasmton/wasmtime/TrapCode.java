package io.github.wasmton.wasmtime;

/** Why wasm code trapped, in wasmtime's words. */
public enum TrapCode {
    /** The stack that {@link Config#maxWasmStack} grants was used up. */
    STACK_OVERFLOW,
    /** An access beyond a linear memory. */
    MEMORY_OUT_OF_BOUNDS,
    /** An atomic access at an unaligned address. */
    HEAP_MISALIGNED,
    /** An access beyond a table. */
    TABLE_OUT_OF_BOUNDS,
    /** An indirect call of a null entry. */
    INDIRECT_CALL_TO_NULL,
    /** An indirect call of a function of another type. */
    BAD_SIGNATURE,
    /** An integer operation whose result does not fit. */
    INTEGER_OVERFLOW,
    /** An integer division by zero. */
    INTEGER_DIVISION_BY_ZERO,
    /** A float that is no number or does not fit, converted to an integer. */
    BAD_CONVERSION_TO_INTEGER,
    /** The instruction {@code unreachable}: what panics, aborts and failed assertions end in. */
    UNREACHABLE_CODE_REACHED,
    /** The epoch deadline passed. */
    INTERRUPT,
    /** The fuel was used up. */
    OUT_OF_FUEL,
    /** Any other; the exception's message says which. */
    OTHER;

    /** The code of that name, {@link #OTHER} where this version has none. */
    static TrapCode of(String name) {
        for (TrapCode code : values()) {
            if (code.name().equals(name)) {
                return code;
            }
        }
        return OTHER;
    }
}
