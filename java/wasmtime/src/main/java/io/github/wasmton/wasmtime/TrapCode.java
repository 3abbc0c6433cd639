package io.github.wasmton.wasmtime;

/** The cause of a trap, in wasmtime's words. */
public enum TrapCode {
    /** Stack used up beyond {@link Config#maxWasmStack}. */
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
    /** The instruction {@code unreachable}, in which panics, aborts and failed assertions end. */
    UNREACHABLE_CODE_REACHED,
    /** Epoch deadline passed. */
    INTERRUPT,
    /** Fuel used up. */
    OUT_OF_FUEL,
    /** An atomic wait in a memory that is not shared. */
    ATOMIC_WAIT_NON_SHARED_MEMORY,
    /** Use of a null reference. */
    NULL_REFERENCE,
    /** An access beyond an array. */
    ARRAY_OUT_OF_BOUNDS,
    /** An allocation that is too large. */
    ALLOCATION_TOO_LARGE,
    /** A cast of a reference to a type that it does not have. */
    CAST_FAILURE,
    /** Component: cannot enter component instance. */
    CANNOT_ENTER_COMPONENT,
    /** Component: async-lifted export failed to produce a result. */
    NO_ASYNC_RESULT,
    /** A suspension without a handler. */
    UNHANDLED_TAG,
    /** A second resumption of a continuation. */
    CONTINUATION_ALREADY_CONSUMED,
    /** An instruction of a feature that was off when the module was compiled. */
    DISABLED_OPCODE,
    /** Component: deadlock detected: event loop cannot make further progress. */
    ASYNC_DEADLOCK,
    /** Component: cannot leave component instance. */
    CANNOT_LEAVE_COMPONENT,
    /** Component: cannot block a synchronous task before returning. */
    CANNOT_BLOCK_SYNC_TASK,
    /** Component: invalid {@code char} bit pattern. */
    INVALID_CHAR,
    /** Component: should have finished string encoding. */
    DEBUG_ASSERT_STRING_ENCODING_FINISHED,
    /** Component: code units should be equal. */
    DEBUG_ASSERT_EQUAL_CODE_UNITS,
    /** Component: pointer should be aligned. */
    DEBUG_ASSERT_POINTER_ALIGNED,
    /** Component: upper bits should be unset. */
    DEBUG_ASSERT_UPPER_BITS_UNSET,
    /** Component: string content out-of-bounds. */
    STRING_OUT_OF_BOUNDS,
    /** Component: list content out-of-bounds. */
    LIST_OUT_OF_BOUNDS,
    /** Component: invalid variant discriminant. */
    INVALID_DISCRIMINANT,
    /** Component: unaligned pointer. */
    UNALIGNED_POINTER,
    /** Component: {@code task.cancel} called by task which has not been cancelled. */
    TASK_CANCEL_NOT_CANCELLED,
    /** Component: {@code task.return} or {@code task.cancel} called more than once for current task. */
    TASK_CANCEL_OR_RETURN_TWICE,
    /** Component: {@code subtask.cancel} called after terminal status delivered. */
    SUBTASK_CANCEL_AFTER_TERMINAL,
    /** Component: invalid {@code task.return} signature and/or options for current task. */
    TASK_RETURN_INVALID,
    /** Component: cannot drop waitable set with waiters. */
    WAITABLE_SET_DROP_HAS_WAITERS,
    /** Component: cannot drop a subtask which has not yet resolved. */
    SUBTASK_DROP_NOT_RESOLVED,
    /**
     * Component: start function does not match expected type (currently only {@code (i32) to ()} is supported).
     */
    THREAD_NEW_INDIRECT_INVALID_TYPE,
    /** Component: the start function index points to an uninitialized function. */
    THREAD_NEW_INDIRECT_UNINITIALIZED,
    /** Component: backpressure counter overflow. */
    BACKPRESSURE_OVERFLOW,
    /** Component: unsupported callback code. */
    UNSUPPORTED_CALLBACK_CODE,
    /** Component: cannot resume thread which is not suspended. */
    CANNOT_RESUME_THREAD,
    /** Component: cannot have concurrent operations active on a future/stream. */
    CONCURRENT_FUTURE_STREAM_OP,
    /** Component: reference count overflow. */
    REFERENCE_COUNT_OVERFLOW,
    /** Component: stream read/write count too large. */
    STREAM_OP_TOO_BIG,
    /** Component: waitable cannot be used synchronously while added to a waitable set. */
    WAITABLE_SYNC_AND_ASYNC,
    /** Component: uncaught exception propagated out of component. */
    UNCAUGHT_EXCEPTION,
    /** Any other cause; the exception's message names it. */
    OTHER;

    /** Returns the code of that name, or {@link #OTHER} if this version does not know it. */
    static TrapCode of(String name) {
        for (TrapCode code : values()) {
            if (code.name().equals(name)) {
                return code;
            }
        }
        return OTHER;
    }
}
