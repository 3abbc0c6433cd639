package io.github.wasmton.testing;

/** Processors in the text format, for tests of the code around them. */
public final class Guests {
    /** A guest that takes its task, and traps if the task begins with {@code f}. */
    public static final String TRAPS_AT_F = """
            (module
              (import "decaton" "poll_task" (func $poll_task (param i64 i32) (result i32)))
              (memory (export "memory") 32)
              (func (export "run")
                (i32.store8 (i32.const 0) (i32.const 0))
                (drop (call $poll_task (i64.const 0) (i32.const 2097152)))
                (if (i32.eq (i32.load8_u (i32.const 0)) (i32.const 102)) (then (unreachable)))))
            """;

    /**
     * A guest that takes its task and obeys its first byte: {@code t}raps, {@code e}xits, {@code l}oops, fails to grow
     * its memory and traps ({@code m}), or returns the digit. Any other byte succeeds.
     */
    public static final String MISDEEDS = """
            (module
              (import "decaton" "poll_task" (func $poll_task (param i64 i32) (result i32)))
              (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
              (memory (export "memory") 32)
              (func (export "run") (result i32)
                (local $what i32)
                (i32.store8 (i32.const 0) (i32.const 0))
                (drop (call $poll_task (i64.const 0) (i32.const 2097152)))
                (local.set $what (i32.load8_u (i32.const 0)))
                (if (i32.eq (local.get $what) (i32.const 116)) (then (unreachable)))
                (if (i32.eq (local.get $what) (i32.const 101)) (then (call $exit (i32.const 3))))
                (if (i32.eq (local.get $what) (i32.const 108)) (then (loop $forever (br $forever))))
                (if (i32.eq (local.get $what) (i32.const 109))
                  (then (if (i32.eq (memory.grow (i32.const 65536)) (i32.const -1)) (then (unreachable)))))
                (if (result i32)
                  (i32.and (i32.ge_u (local.get $what) (i32.const 48)) (i32.le_u (local.get $what) (i32.const 57)))
                  (then (i32.sub (local.get $what) (i32.const 48)))
                  (else (i32.const 0)))))
            """;

    private Guests() {}
}
