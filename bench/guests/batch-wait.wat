;; A processor of protocol 1 that takes batches, and waits for 1 ms with each, as one does that calls a service.
(module
  (import "wasmton_v1" "next_batch" (func $next (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 19)
  ;; A subscription of WASI, to a clock: the monotonic one (1), after 1,000,000 ns.
  (data (i32.const 1179664) "\01")
  (data (i32.const 1179672) "\40\42\0f")
  (func (export "run")
    (drop (call $next (i32.const 0) (i32.const 1114112)))
    (drop (call $poll (i32.const 1179648) (i32.const 1179712) (i32.const 1) (i32.const 1179760)))))
