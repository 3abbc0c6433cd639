package io.github.wasmton.wasmtime.testsuite;

import java.util.Set;

import io.github.wasmton.wasmtime.TrapCode;

/** The test suite's texts for traps. */
final class Traps {
    private Traps() {}

    /** Returns the trap codes that a text can mean. */
    static Set<TrapCode> codes(String text) {
        return switch (text) {
            case "call stack exhausted" -> Set.of(TrapCode.STACK_OVERFLOW);
            case "cast failure" -> Set.of(TrapCode.CAST_FAILURE);
            case "indirect call", "indirect call type mismatch" -> Set.of(TrapCode.BAD_SIGNATURE);
            case "integer divide by zero" -> Set.of(TrapCode.INTEGER_DIVISION_BY_ZERO);
            case "integer overflow" -> Set.of(TrapCode.INTEGER_OVERFLOW);
            case "invalid conversion to integer" -> Set.of(TrapCode.BAD_CONVERSION_TO_INTEGER);
            case "out of bounds" -> Set.of(TrapCode.MEMORY_OUT_OF_BOUNDS, TrapCode.TABLE_OUT_OF_BOUNDS);
            case "out of bounds array access" -> Set.of(TrapCode.ARRAY_OUT_OF_BOUNDS);
            case "out of bounds memory access" -> Set.of(TrapCode.MEMORY_OUT_OF_BOUNDS);
            case "out of bounds table access", "undefined", "undefined element" ->
                    Set.of(TrapCode.TABLE_OUT_OF_BOUNDS);
            case "unaligned atomic" -> Set.of(TrapCode.HEAP_MISALIGNED);
            case "uninitialized", "uninitialized element", "uninitialized element 2" ->
                    Set.of(TrapCode.INDIRECT_CALL_TO_NULL);
            case "unreachable" -> Set.of(TrapCode.UNREACHABLE_CODE_REACHED);
            default -> text.startsWith("null ") ? Set.of(TrapCode.NULL_REFERENCE) : Set.of();
        };
    }
}
