;; Turns `decaton.poll_task` of protocol 0 into `decaton:protocol0/tasks.poll`, so that a guest written to protocol 0
;; becomes a component, and gets sockets, by a change of its target alone. The linker merges this module into the guest.
;;
;; poll_task(address: i64, length: i32) -> i32: the length of the task, or -1 where none waits or it does not fit.
(module
  (import "env" "memory" (memory 0))
  (import "decaton:protocol0/tasks@0.1.0" "poll" (func $poll (param $capacity i32) (param $result i32)))
  (import "__main_module__" "cabi_realloc" (func $realloc (param i32 i32 i32 i32) (result i32)))

  ;; The guest's buffer, while poll runs.
  (global $buffer (mut i32) (i32.const 0))
  ;; Where poll puts its result: 12 bytes, allocated once.
  (global $result (mut i32) (i32.const 0))

  ;; Where the host puts the task: straight into the guest's buffer, without another copy. The host answers with no more
  ;; bytes than the capacity it was given, which was checked to lie within the memory.
  (func (export "cabi_import_realloc") (param i32 i32 i32 i32) (result i32)
    (global.get $buffer))

  (func (export "poll_task") (param $address i64) (param $length i32) (result i32)
    ;; A negative length, or a buffer that ends beyond the memory, holds no task.
    (if (i32.lt_s (local.get $length) (i32.const 0))
      (then (return (i32.const -1))))
    (if (i64.gt_u (local.get $address) (i64.const 0xffffffff))
      (then (return (i32.const -1))))
    (if (i64.gt_u
          (i64.add (local.get $address) (i64.extend_i32_u (local.get $length)))
          (i64.mul (i64.extend_i32_u (memory.size)) (i64.const 65536)))
      (then (return (i32.const -1))))

    (if (i32.eqz (global.get $result))
      (then (global.set $result
        (call $realloc (i32.const 0) (i32.const 0) (i32.const 4) (i32.const 12)))))
    (global.set $buffer (i32.wrap_i64 (local.get $address)))
    (call $poll (local.get $length) (global.get $result))

    ;; option<list<u8>>: whether there is one, its address, its length.
    (if (result i32) (i32.load8_u (global.get $result))
      (then (i32.load offset=8 (global.get $result)))
      (else (i32.const -1)))))
