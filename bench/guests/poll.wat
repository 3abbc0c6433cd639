;; A processor that takes its task and does nothing else.
(module
  (import "decaton" "poll_task" (func $poll_task (param i64 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "run")
    (drop (call $poll_task (i64.const 0) (i32.const 4096)))))
