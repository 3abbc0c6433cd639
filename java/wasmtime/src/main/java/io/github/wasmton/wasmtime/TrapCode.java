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
    /** An atomic wait in a memory that is not shared. */
    ATOMIC_WAIT_NON_SHARED_MEMORY,
    /** A null reference was used. */
    NULL_REFERENCE,
    /** An access beyond an array. */
    ARRAY_OUT_OF_BOUNDS,
    /** An allocation that is too large. */
    ALLOCATION_TOO_LARGE,
    /** A reference is not of the type that it was cast to. */
    CAST_FAILURE,
    /** Of components: cannot enter component instance. */
    CANNOT_ENTER_COMPONENT,
    /** Of components: async-lifted export failed to produce a result. */
    NO_ASYNC_RESULT,
    /** A suspension that nothing handles. */
    UNHANDLED_TAG,
    /** A continuation was resumed twice. */
    CONTINUATION_ALREADY_CONSUMED,
    /** An instruction that was turned off when it was compiled. */
    DISABLED_OPCODE,
    /** Of components: deadlock detected: event loop cannot make further progress. */
    ASYNC_DEADLOCK,
    /** Of components: cannot leave component instance. */
    CANNOT_LEAVE_COMPONENT,
    /** Of components: cannot block a synchronous task before returning. */
    CANNOT_BLOCK_SYNC_TASK,
    /** Of components: invalid {@code char} bit pattern. */
    INVALID_CHAR,
    /** Of components: should have finished string encoding. */
    DEBUG_ASSERT_STRING_ENCODING_FINISHED,
    /** Of components: code units should be equal. */
    DEBUG_ASSERT_EQUAL_CODE_UNITS,
    /** Of components: pointer should be aligned. */
    DEBUG_ASSERT_POINTER_ALIGNED,
    /** Of components: upper bits should be unset. */
    DEBUG_ASSERT_UPPER_BITS_UNSET,
    /** Of components: string content out-of-bounds. */
    STRING_OUT_OF_BOUNDS,
    /** Of components: list content out-of-bounds. */
    LIST_OUT_OF_BOUNDS,
    /** Of components: invalid variant discriminant. */
    INVALID_DISCRIMINANT,
    /** Of components: unaligned pointer. */
    UNALIGNED_POINTER,
    /** Of components: {@code task.cancel} called by task which has not been cancelled. */
    TASK_CANCEL_NOT_CANCELLED,
    /** Of components: {@code task.return} or {@code task.cancel} called more than once for current task. */
    TASK_CANCEL_OR_RETURN_TWICE,
    /** Of components: {@code subtask.cancel} called after terminal status delivered. */
    SUBTASK_CANCEL_AFTER_TERMINAL,
    /** Of components: invalid {@code task.return} signature and/or options for current task. */
    TASK_RETURN_INVALID,
    /** Of components: cannot drop waitable set with waiters. */
    WAITABLE_SET_DROP_HAS_WAITERS,
    /** Of components: cannot drop a subtask which has not yet resolved. */
    SUBTASK_DROP_NOT_RESOLVED,
    /**
     * Of components: start function does not match expected type (currently only {@code (i32) to ()} is supported).
     */
    THREAD_NEW_INDIRECT_INVALID_TYPE,
    /** Of components: the start function index points to an uninitialized function. */
    THREAD_NEW_INDIRECT_UNINITIALIZED,
    /** Of components: backpressure counter overflow. */
    BACKPRESSURE_OVERFLOW,
    /** Of components: unsupported callback code. */
    UNSUPPORTED_CALLBACK_CODE,
    /** Of components: cannot resume thread which is not suspended. */
    CANNOT_RESUME_THREAD,
    /** Of components: cannot have concurrent operations active on a future/stream. */
    CONCURRENT_FUTURE_STREAM_OP,
    /** Of components: reference count overflow. */
    REFERENCE_COUNT_OVERFLOW,
    /** Of components: stream read/write count too large. */
    STREAM_OP_TOO_BIG,
    /** Of components: waitable cannot be used synchronously while added to a waitable set. */
    WAITABLE_SYNC_AND_ASYNC,
    /** Of components: uncaught exception propagated out of component. */
    UNCAUGHT_EXCEPTION,
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
