;; Calls the host's functions repeatedly.
(module
  (import "host" "empty" (func $empty))
  (import "host" "add" (func $add (param i32 i32) (result i32)))
  (func (export "empty") (param $times i32)
    (loop $again
      (call $empty)
      (local.set $times (i32.sub (local.get $times) (i32.const 1)))
      (br_if $again (local.get $times))))
  (func (export "add") (param $times i32) (result i32)
    (local $sum i32)
    (loop $again
      (local.set $sum (call $add (local.get $sum) (local.get $times)))
      (local.set $times (i32.sub (local.get $times) (i32.const 1)))
      (br_if $again (local.get $times)))
    (local.get $sum)))
