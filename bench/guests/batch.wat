;; A processor of protocol 1 that takes batches and does nothing else.
(module
  (import "wasmton_v1" "next_batch" (func $next (param i32 i32) (result i32)))
  (memory (export "memory") 18)
  (func (export "run")
    (loop $again
      (br_if $again (i32.ge_s (call $next (i32.const 0) (i32.const 1114112)) (i32.const 0))))))
