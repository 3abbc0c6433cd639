;; Takes each task, and gets and sets a key of its store.
(module
  (import "wasmton_v1" "next" (func $next (param i32 i32) (result i32)))
  (import "wasmton_v1" "state_get" (func $get (param i32 i32 i32 i32 i32) (result i32)))
  (import "wasmton_v1" "state_set" (func $set (param i32 i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "run")
    (loop $again
      (if (i32.ge_s (call $next (i32.const 1024) (i32.const 8192)) (i32.const 0))
        (then
          (drop (call $get (i32.const 0) (i32.const 0) (i32.const 10) (i32.const 512) (i32.const 100)))
          (drop (call $set (i32.const 0) (i32.const 0) (i32.const 10) (i32.const 512) (i32.const 8)))
          (br $again))))))
