package io.github.wasmton.testing;

/** Processors as text, for tests of what is around them. */
public final class Guests {
    /** Takes its task, and traps where that begins with an {@code f}. */
    public static final String TRAPS_AT_F = """
            (module
              (import "decaton" "poll_task" (func $poll_task (param i64 i32) (result i32)))
              (memory (export "memory") 32)
              (func (export "run")
                (i32.store8 (i32.const 0) (i32.const 0))
                (drop (call $poll_task (i64.const 0) (i32.const 2097152)))
                (if (i32.eq (i32.load8_u (i32.const 0)) (i32.const 102)) (then (unreachable)))))
            """;

    private Guests() {}
}
