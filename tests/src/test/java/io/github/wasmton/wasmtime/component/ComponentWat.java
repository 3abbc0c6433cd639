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

    /** A counter whose representation is its count, in a global per instance; it counts the destructors too. */
    static final String COUNTER = """
            (component
              (core module $M
                (global $dropped (mut i32) (i32.const 0))
                (func (export "drop") (param i32) (global.set $dropped (i32.add (global.get $dropped) (local.get 0))))
                (func (export "get") (param i32) (result i32) (local.get 0))
                (func (export "dropped") (result i32) (global.get $dropped)))
              (core instance $m (instantiate $M))
              (type $counter0 (resource (rep i32) (dtor (core func $m "drop"))))
              (core func $new (canon resource.new $counter0))
              (core func $rep (canon resource.rep $counter0))
              (core module $N
                (import "" "new" (func $new (param i32) (result i32)))
                (import "" "rep" (func $rep (param i32) (result i32)))
                (func (export "make") (param i32) (result i32) (call $new (local.get 0)))
                (func (export "take") (param i32) (result i32) (call $rep (local.get 0))))
              (core instance $n (instantiate $N
                (with "" (instance (export "new" (func $new)) (export "rep" (func $rep))))))
              (component $Shim
                (import "counter" (type $c (sub resource)))
                (import "make" (func $make (param "start" u32) (result (own $c))))
                (import "get" (func $get (param "self" (borrow $c)) (result u32)))
                (import "take" (func $take (param "it" (own $c)) (result u32)))
                (export $counter "counter" (type $c))
                (export "[constructor]counter" (func $make)
                  (func (param "start" u32) (result (own $counter))))
                (export "[method]counter.get" (func $get) (func (param "self" (borrow $counter)) (result u32)))
                (export "take" (func $take) (func (param "it" (own $counter)) (result u32))))
              (func $make (param "start" u32) (result (own $counter0)) (canon lift (core func $n "make")))
              (func $get (param "self" (borrow $counter0)) (result u32) (canon lift (core func $m "get")))
              (func $take (param "it" (own $counter0)) (result u32) (canon lift (core func $n "take")))
              (instance $shim (instantiate $Shim
                (with "counter" (type $counter0)) (with "make" (func $make)) (with "get" (func $get))
                (with "take" (func $take))))
              (export "example:count/counters@1.0.0" (instance $shim))
              (func (export "dropped") (result u32) (canon lift (core func $m "dropped"))))
            """;

    /** A component that gets connections from the host, keeps one, sends by it, and drops it. */
    static final String CLIENT = """
            (component
              (import "example:net/types@0.3.1" (instance $types
                (export "connection" (type $connection (sub resource)))
                (export "open" (func (param "number" u32) (result (own $connection))))
                (export "[method]connection.send" (func (param "self" (borrow $connection)) (param "data" u32)
                  (result u32)))
                (export "give-back" (func (param "it" (own $connection))))))
              (alias export $types "connection" (type $connection))
              (alias export $types "open" (func $open))
              (alias export $types "[method]connection.send" (func $send))
              (alias export $types "give-back" (func $back))
              (core func $open (canon lower (func $open)))
              (core func $send (canon lower (func $send)))
              (core func $back (canon lower (func $back)))
              (core func $drop (canon resource.drop $connection))
              (core module $M
                (import "" "open" (func $open (param i32) (result i32)))
                (import "" "send" (func $send (param i32 i32) (result i32)))
                (import "" "back" (func $back (param i32)))
                (import "" "drop" (func $drop (param i32)))
                (global $c (mut i32) (i32.const 0))
                (func (export "connect") (param i32) (global.set $c (call $open (local.get 0))))
                (func (export "use") (param i32) (result i32) (call $send (global.get $c) (local.get 0)))
                (func (export "lend") (param i32) (result i32)
                  (local $sent i32)
                  (local.set $sent (call $send (local.get 0) (i32.const 1)))
                  (call $drop (local.get 0))
                  (local.get $sent))
                (func (export "keep") (param i32) (global.set $c (local.get 0)))
                (func (export "drop") (call $drop (global.get $c)))
                (func (export "back") (call $back (global.get $c))))
              (core instance $m (instantiate $M (with "" (instance (export "open" (func $open))
                (export "send" (func $send)) (export "back" (func $back)) (export "drop" (func $drop))))))
              (func (export "connect") (param "number" u32) (canon lift (core func $m "connect")))
              (func (export "use") (param "data" u32) (result u32) (canon lift (core func $m "use")))
              (func (export "lend") (param "it" (borrow $connection)) (result u32) (canon lift (core func $m "lend")))
              (func (export "keep") (param "it" (own $connection)) (canon lift (core func $m "keep")))
              (func (export "drop") (canon lift (core func $m "drop")))
              (func (export "back") (canon lift (core func $m "back"))))
            """;

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
