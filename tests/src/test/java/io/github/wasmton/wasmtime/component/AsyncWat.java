package io.github.wasmton.wasmtime.component;

/** Components whose async functions wait without a stack: the runtime calls them back. */
public final class AsyncWat {
    private static final String MEMORY = """
              (core module $Memory (memory (export "memory") 8))
              (core instance $memory (instantiate $Memory))
              (alias core export $memory "memory" (core memory $mem))
              (core func $set (canon waitable-set.new))
              (core func $join (canon waitable.join))
              (core func $drop-set (canon waitable-set.drop))
              (core func $drop-task (canon subtask.drop))
              (core func $get (canon context.get i32 0))
              (core func $put (canon context.set i32 0))
            """;

    private static final String MODULE = """
              (core module $Waiter
                (import "" "memory" (memory 8))
                (import "" "host" (func $host (param %1$s) (result i32)))
                (import "" "return" (func $return %2$s))
                (import "" "set" (func $set (result i32)))
                (import "" "join" (func $join (param i32 i32)))
                (import "" "drop-set" (func $drop-set (param i32)))
                (import "" "drop-task" (func $drop-task (param i32)))
                (import "" "get" (func $get (result i32)))
                (import "" "put" (func $put (param i32)))
                (global $next (mut i32) (i32.const 0))
                ;; A task has 8 bytes: the result, and its set.
                (func $begin (param $slot i32) (param $status i32) (result i32)
                  (local $set i32)
                  (if (i32.eq (i32.and (local.get $status) (i32.const 15)) (i32.const 2))
                    (then (call $return %3$s) (return (i32.const 0))))
                  (local.set $set (call $set))
                  (call $join (i32.shr_u (local.get $status) (i32.const 4)) (local.get $set))
                  (i32.store offset=4 (local.get $slot) (local.get $set))
                  (call $put (local.get $slot))
                  (i32.or (i32.const 2) (i32.shl (local.get $set) (i32.const 4))))
                (func $new (result i32)
                  (global.set $next (i32.and (i32.add (global.get $next) (i32.const 8)) (i32.const 0x7ffff)))
                  (global.get $next))
                (func (export "wait") (param %4$s) (result i32)
                  (local $slot i32)
                  (local.set $slot (call $new))
                  (call $begin (local.get $slot) (call $host %5$s)))
                (func (export "double") (param i32) (result i32) (i32.mul (local.get 0) (i32.const 2)))
                (func (export "trap") (result i32) unreachable)
                (func (export "loop") (result i32) (loop $again (br $again)) (i32.const 0))
                (func (export "callback") (param $event i32) (param $task i32) (param $code i32) (result i32)
                  (local $slot i32)
                  (local $set i32)
                  (local.set $slot (call $get))
                  (local.set $set (i32.load offset=4 (local.get $slot)))
                  (if (i32.ne (local.get $code) (i32.const 2))
                    (then (return (i32.or (i32.const 2) (i32.shl (local.get $set) (i32.const 4))))))
                  (call $drop-task (local.get $task))
                  (call $drop-set (local.get $set))
                  (call $return %3$s)
                  (i32.const 0)))
              (core instance $m (instantiate $Waiter (with "" (instance
                (export "memory" (memory $mem)) (export "host" (func $host)) (export "return" (func $return))
                (export "set" (func $set)) (export "join" (func $join)) (export "drop-set" (func $drop-set))
                (export "drop-task" (func $drop-task)) (export "get" (func $get)) (export "put" (func $put))))))
              (func (export "trap") async (canon lift (core func $m "trap") async
                (callback (core func $m "callback"))))
              (func (export "loop") async (canon lift (core func $m "loop") async
                (callback (core func $m "callback"))))
            """;

    /**
     * A component whose async function {@code wait} returns what the imported async function {@code host} returns for
     * the same u32. The function {@code double} is not async.
     */
    public static final String WAITER = """
            (component
              (import "host" (func $imported async (param "value" u32) (result u32)))
            """ + MEMORY + """
              (core func $host (canon lower (func $imported) async (memory $mem)))
              (core func $return (canon task.return (result u32)))
            """ + MODULE.formatted("i32 i32", "(param i32)", "(i32.load (local.get $slot))", "$value i32",
                    "(local.get $value) (local.get $slot)") + """
              (func (export "wait") async (param "value" u32) (result u32)
                (canon lift (core func $m "wait") async (callback (core func $m "callback"))))
              (func (export "double") (param "value" u32) (result u32) (canon lift (core func $m "double"))))
            """;

    /** A component whose async function {@code wait} takes a time in nanoseconds and waits for a clock of WASI 0.3. */
    static final String SLEEPER = """
            (component
              (import "wasi:clocks/monotonic-clock@0.3.0" (instance $clock
                (export "wait-for" (func async (param "how-long" u64)))))
            """ + MEMORY + """
              (core func $host (canon lower (func $clock "wait-for") async))
              (core func $return (canon task.return))
            """ + MODULE.formatted("i64", "", "", "$nanos i64", "(local.get $nanos)") + """
              (func (export "wait") async (param "nanos" u64)
                (canon lift (core func $m "wait") async (callback (core func $m "callback")))))
            """;

    /**
     * A component with futures of u32 and streams of bytes: {@code echo-future} and {@code echo-stream} return what
     * they get, {@code through-future} and {@code through-stream} what the host returns for it; {@code next} returns
     * the value of a future and 1, {@code later} a future of its argument; {@code sum} adds the bytes of a stream,
     * {@code count} returns a stream of a number of zeroes, and {@code refuse} drops a stream that it gets.
     */
    static final String STREAMER = """
            (component
              (import "future" (func $host-future async (param "f" (future u32)) (result (future u32))))
              (import "stream" (func $host-stream async (param "s" (stream u8)) (result (stream u8))))
              (type $f (future u32))
              (type $s (stream u8))
              (core module $Memory (memory (export "memory") 1))
              (core instance $memory (instantiate $Memory))
              (alias core export $memory "memory" (core memory $mem))
              (core func $host-future (canon lower (func $host-future)))
              (core func $host-stream (canon lower (func $host-stream)))
              (core func $return (canon task.return (result u32)))
              (core func $return-f (canon task.return (result $f)))
              (core func $return-s (canon task.return (result $s)))
              (core func $f-new (canon future.new $f))
              (core func $f-read (canon future.read $f async (memory $mem)))
              (core func $f-write (canon future.write $f async (memory $mem)))
              (core func $f-drop-r (canon future.drop-readable $f))
              (core func $f-drop-w (canon future.drop-writable $f))
              (core func $s-new (canon stream.new $s))
              (core func $s-read (canon stream.read $s async (memory $mem)))
              (core func $s-write (canon stream.write $s async (memory $mem)))
              (core func $s-drop-r (canon stream.drop-readable $s))
              (core func $s-drop-w (canon stream.drop-writable $s))
              (core func $set (canon waitable-set.new))
              (core func $join (canon waitable.join))
              (core func $wait (canon waitable-set.wait (memory $mem)))
              (core func $drop-set (canon waitable-set.drop))
              (core module $M
                (import "" "memory" (memory 1))
                (import "" "set" (func $set (result i32)))
                (import "" "join" (func $join (param i32 i32)))
                (import "" "wait" (func $wait-set (param i32 i32) (result i32)))
                (import "" "drop-set" (func $drop-set (param i32)))
                (import "" "host-future" (func $host-future (param i32) (result i32)))
                (import "" "host-stream" (func $host-stream (param i32) (result i32)))
                (import "" "return" (func $return (param i32)))
                (import "" "return-f" (func $return-f (param i32)))
                (import "" "return-s" (func $return-s (param i32)))
                (import "" "f-new" (func $f-new (result i64)))
                (import "" "f-read" (func $begin-f-read (param i32 i32) (result i32)))
                (import "" "f-write" (func $begin-f-write (param i32 i32) (result i32)))
                (import "" "f-drop-r" (func $f-drop-r (param i32)))
                (import "" "f-drop-w" (func $f-drop-w (param i32)))
                (import "" "s-new" (func $s-new (result i64)))
                (import "" "s-read" (func $begin-s-read (param i32 i32 i32) (result i32)))
                (import "" "s-write" (func $begin-s-write (param i32 i32 i32) (result i32)))
                (import "" "s-drop-r" (func $s-drop-r (param i32)))
                (import "" "s-drop-w" (func $s-drop-w (param i32)))
                ;; Waits for what a future or stream began, unless it is through.
                (func $wait (param $end i32) (param $status i32) (result i32)
                  (local $set i32)
                  (if (i32.ne (local.get $status) (i32.const -1)) (then (return (local.get $status))))
                  (local.set $set (call $set))
                  (call $join (local.get $end) (local.get $set))
                  (drop (call $wait-set (local.get $set) (i32.const 64)))
                  (local.set $status (i32.load (i32.const 68)))
                  (call $join (local.get $end) (i32.const 0))
                  (call $drop-set (local.get $set))
                  (local.get $status))
                (func $f-read (param i32 i32) (result i32)
                  (call $wait (local.get 0) (call $begin-f-read (local.get 0) (local.get 1))))
                (func $f-write (param i32 i32) (result i32)
                  (call $wait (local.get 0) (call $begin-f-write (local.get 0) (local.get 1))))
                (func $s-read (param i32 i32 i32) (result i32)
                  (call $wait (local.get 0) (call $begin-s-read (local.get 0) (local.get 1) (local.get 2))))
                (func $s-write (param i32 i32 i32) (result i32)
                  (call $wait (local.get 0) (call $begin-s-write (local.get 0) (local.get 1) (local.get 2))))
                (func (export "echo") (param i32) (result i32) (local.get 0))
                (func (export "through-future") (param i32) (result i32)
                  (call $return-f (call $host-future (local.get 0)))
                  (i32.const 0))
                (func (export "through-stream") (param i32) (result i32)
                  (call $return-s (call $host-stream (local.get 0)))
                  (i32.const 0))
                (func (export "next") (param $f i32) (result i32)
                  (drop (call $f-read (local.get $f) (i32.const 16)))
                  (call $f-drop-r (local.get $f))
                  (call $return (i32.add (i32.load (i32.const 16)) (i32.const 1)))
                  (i32.const 0))
                (func (export "later") (param $value i32) (result i32)
                  (local $both i64)
                  (local $writer i32)
                  (local.set $both (call $f-new))
                  (local.set $writer (i32.wrap_i64 (i64.shr_u (local.get $both) (i64.const 32))))
                  (call $return-f (i32.wrap_i64 (local.get $both)))
                  (i32.store (i32.const 32) (local.get $value))
                  (drop (call $f-write (local.get $writer) (i32.const 32)))
                  (call $f-drop-w (local.get $writer))
                  (i32.const 0))
                (func (export "sum") (param $s i32) (result i32)
                  (local $status i32)
                  (local $sum i32)
                  (local $i i32)
                  (loop $more
                    (local.set $status (call $s-read (local.get $s) (i32.const 1024) (i32.const 7)))
                    (local.set $i (i32.const 0))
                    (block $end
                      (loop $next
                        (br_if $end (i32.ge_u (local.get $i) (i32.shr_u (local.get $status) (i32.const 4))))
                        (local.set $sum (i32.add (local.get $sum)
                          (i32.load8_u offset=1024 (local.get $i))))
                        (local.set $i (i32.add (local.get $i) (i32.const 1)))
                        (br $next)))
                    (br_if $more (i32.eqz (i32.and (local.get $status) (i32.const 15)))))
                  (call $s-drop-r (local.get $s))
                  (call $return (local.get $sum))
                  (i32.const 0))
                (func (export "count") (param $left i32) (result i32)
                  (local $both i64)
                  (local $writer i32)
                  (local $status i32)
                  (local.set $both (call $s-new))
                  (local.set $writer (i32.wrap_i64 (i64.shr_u (local.get $both) (i64.const 32))))
                  (call $return-s (i32.wrap_i64 (local.get $both)))
                  (block $end
                    (loop $more
                      (br_if $end (i32.eqz (local.get $left)))
                      (local.set $status (call $s-write (local.get $writer) (i32.const 2048)
                        (select (local.get $left) (i32.const 4096)
                          (i32.lt_u (local.get $left) (i32.const 4096)))))
                      (local.set $left (i32.sub (local.get $left)
                        (i32.shr_u (local.get $status) (i32.const 4))))
                      (br_if $more (i32.eqz (i32.and (local.get $status) (i32.const 15))))))
                  (call $s-drop-w (local.get $writer))
                  (i32.const 0))
                (func (export "refuse") (param $s i32) (result i32)
                  (call $s-drop-r (local.get $s))
                  (call $return (i32.const 7))
                  (i32.const 0))
                (func (export "callback") (param i32 i32 i32) (result i32) unreachable))
              (core instance $m (instantiate $M (with "" (instance
                (export "memory" (memory $mem)) (export "set" (func $set)) (export "join" (func $join))
                (export "wait" (func $wait)) (export "drop-set" (func $drop-set))
                (export "host-future" (func $host-future)) (export "host-stream" (func $host-stream))
                (export "return" (func $return)) (export "return-f" (func $return-f))
                (export "return-s" (func $return-s)) (export "f-new" (func $f-new))
                (export "f-read" (func $f-read)) (export "f-write" (func $f-write))
                (export "f-drop-r" (func $f-drop-r)) (export "f-drop-w" (func $f-drop-w))
                (export "s-new" (func $s-new)) (export "s-read" (func $s-read))
                (export "s-write" (func $s-write)) (export "s-drop-r" (func $s-drop-r))
                (export "s-drop-w" (func $s-drop-w))))))
              (func (export "echo-future") (param "f" $f) (result $f) (canon lift (core func $m "echo")))
              (func (export "echo-stream") (param "s" $s) (result $s) (canon lift (core func $m "echo")))
              (func (export "through-future") async (param "f" $f) (result $f)
                (canon lift (core func $m "through-future") async (callback (core func $m "callback"))))
              (func (export "through-stream") async (param "s" $s) (result $s)
                (canon lift (core func $m "through-stream") async (callback (core func $m "callback"))))
              (func (export "next") async (param "f" $f) (result u32)
                (canon lift (core func $m "next") async (callback (core func $m "callback"))))
              (func (export "later") async (param "value" u32) (result $f)
                (canon lift (core func $m "later") async (callback (core func $m "callback"))))
              (func (export "sum") async (param "s" $s) (result u32)
                (canon lift (core func $m "sum") async (callback (core func $m "callback"))))
              (func (export "count") async (param "n" u32) (result $s)
                (canon lift (core func $m "count") async (callback (core func $m "callback"))))
              (func (export "refuse") async (param "s" $s) (result u32)
                (canon lift (core func $m "refuse") async (callback (core func $m "callback")))))
            """;

    /** A component that uses a Java object after a wait: {@code fill} borrows it, {@code keep} owns and drops it. */
    static final String FILLER = """
            (component
              (import "acme:shop/baskets" (instance $baskets
                (export "basket" (type $basket (sub resource)))
                (export "[method]basket.add" (func (param "self" (borrow $basket)) (param "price" u32)))))
              (import "wait" (func $wait async))
              (alias export $baskets "basket" (type $basket))
              (core func $add (canon lower (func $baskets "[method]basket.add")))
              (core func $drop (canon resource.drop $basket))
              (core func $wait (canon lower (func $wait)))
              (core func $return (canon task.return))
              (core module $M
                (import "" "add" (func $add (param i32 i32)))
                (import "" "drop" (func $drop (param i32)))
                (import "" "wait" (func $wait))
                (import "" "return" (func $return))
                (func (export "fill") (param $basket i32) (result i32)
                  (call $wait)
                  (call $add (local.get $basket) (i32.const 5))
                  (call $drop (local.get $basket))
                  (call $return)
                  (i32.const 0))
                (func (export "callback") (param i32 i32 i32) (result i32) unreachable))
              (core instance $m (instantiate $M (with "" (instance
                (export "add" (func $add)) (export "drop" (func $drop)) (export "wait" (func $wait))
                (export "return" (func $return))))))
              (func (export "fill") async (param "basket" (borrow $basket))
                (canon lift (core func $m "fill") async (callback (core func $m "callback"))))
              (func (export "keep") async (param "basket" (own $basket))
                (canon lift (core func $m "fill") async (callback (core func $m "callback")))))
            """;

    private AsyncWat() {}
}
