package io.github.wasmton.wasmtime.component;

/** Small components in the text format. */
final class ComponentWat {
    /** A module with memory and an allocator that never frees. */
    static final String MEMORY = """
            (core module $Memory
              (memory (export "memory") 1)
              (global $next (mut i32) (i32.const 1024))
              (func (export "realloc")
                (param $old i32) (param $size i32) (param $align i32) (param $new i32) (result i32)
                (local $at i32)
                (local.set $at (i32.and
                  (i32.add (global.get $next) (i32.sub (local.get $align) (i32.const 1)))
                  (i32.sub (i32.const 0) (local.get $align))))
                (global.set $next (i32.add (local.get $at) (local.get $new)))
                (block $enough
                  (br_if $enough (i32.le_u (global.get $next) (i32.mul (memory.size) (i32.const 65536))))
                  (drop (memory.grow (i32.add (i32.div_u (local.get $new) (i32.const 65536)) (i32.const 1)))))
                (local.get $at))
              ;; Returns two values by memory, as a list or a string is returned.
              (func (export "pair") (param $address i32) (param $length i32) (result i32)
                (i32.store (i32.const 16) (local.get $address))
                (i32.store (i32.const 20) (local.get $length))
                (i32.const 16))
              (func (export "trap") (unreachable))
              (func (export "loop") (loop $again (br $again)))
              (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))))
            (core instance $memory (instantiate $Memory))
            """;

    /** Options of the canonical ABI that use it. */
    static final String OPTIONS = "(memory (core memory $memory \"memory\")) (realloc (core func $memory \"realloc\"))";

    private ComponentWat() {}

    /**
     * A component with a function {@code echo} that returns a list of values of a type, {@code pass} that passes one
     * value to the imported function {@code host}, and functions without values: {@code trap}, {@code loop} and {@code
     * ping}, which calls the imported {@code pong}.
     *
     * @param types declarations of named types, which a component can only import or export
     * @param type  the type
     */
    static String echo(String types, String type) {
        return """
                (component
                  %s
                  (import "host" (func $host (param "value" %s)))
                  (import "pong" (func $pong))
                  %s
                  (core func $lowered (canon lower (func $host) %s))
                  (core func $ponged (canon lower (func $pong)))
                  (func (export "echo") (param "values" (list %s)) (result (list %s))
                    (canon lift (core func $memory "pair") %s))
                  (func (export "pass") (param "value" %s) (canon lift (core func $lowered) %s))
                  (func (export "ping") (canon lift (core func $ponged)))
                  (func (export "trap") (canon lift (core func $memory "trap")))
                  (func (export "loop") (canon lift (core func $memory "loop")))
                  (func (export "add") (param "a" s32) (param "b" s32) (result s32)
                    (canon lift (core func $memory "add"))))
                """.formatted(types, type, MEMORY, OPTIONS, type, type, OPTIONS, type, OPTIONS);
    }
}
