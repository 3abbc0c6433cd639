package io.github.kawamuray.wasmtime;

import io.github.wasmton.wasmtime.TrapCode;

/** The cause of a trap: {@link TrapCode}. */
public enum Trap {
    /** Any cause that has no constant here. */
    UNKNOWN,
    /** {@link TrapCode#STACK_OVERFLOW}. */
    STACK_OVERFLOW,
    /** {@link TrapCode#MEMORY_OUT_OF_BOUNDS}. */
    MEMORY_OUT_OF_BOUNDS,
    /** {@link TrapCode#HEAP_MISALIGNED}. */
    HEAP_MISALIGNED,
    /** {@link TrapCode#TABLE_OUT_OF_BOUNDS}. */
    TABLE_OUT_OF_BOUNDS,
    /** {@link TrapCode#INDIRECT_CALL_TO_NULL}. */
    INDIRECT_CALL_TO_NULL,
    /** {@link TrapCode#BAD_SIGNATURE}. */
    BAD_SIGNATURE,
    /** {@link TrapCode#INTEGER_OVERFLOW}. */
    INTEGER_OVERFLOW,
    /** {@link TrapCode#INTEGER_DIVISION_BY_ZERO}. */
    INTEGER_DIVISION_BY_ZERO,
    /** {@link TrapCode#BAD_CONVERSION_TO_INTEGER}. */
    BAD_CONVERSION_TO_INTEGER,
    /** {@link TrapCode#UNREACHABLE_CODE_REACHED}. */
    UNREACHABLE_CODE_REACHED,
    /** {@link TrapCode#INTERRUPT}. */
    INTERRUPT,
    /** A trap of components, which do not run here. */
    ALWAYS_TRAP_ADAPTER,
    /** {@link TrapCode#OUT_OF_FUEL}, misspelt in 0.19.0. */
    OUF_OF_FUEL;

    static Trap of(TrapCode code) {
        if (code == TrapCode.OUT_OF_FUEL) {
            return OUF_OF_FUEL;
        }
        for (Trap trap : values()) {
            if (trap.name().equals(code.name())) {
                return trap;
            }
        }
        return UNKNOWN;
    }
}
