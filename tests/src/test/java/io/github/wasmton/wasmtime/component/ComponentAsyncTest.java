package io.github.wasmton.wasmtime.component;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import io.github.wasmton.wasmtime.Config;
import io.github.wasmton.wasmtime.Engine;
import io.github.wasmton.wasmtime.PoolingAllocationConfig;
import io.github.wasmton.wasmtime.Store;
import io.github.wasmton.wasmtime.TrapCode;
import io.github.wasmton.wasmtime.TrapException;
import io.github.wasmton.wasmtime.WasmFeature;
import io.github.wasmton.wasmtime.WasmtimeException;
import io.github.wasmton.wasmtime.wasi.Capture;
import io.github.wasmton.wasmtime.wasi.Input;
import io.github.wasmton.wasmtime.wasi.Output;
import io.github.wasmton.wasmtime.wasi.Wasi;
import io.github.wasmton.wasmtime.wasi.WasiConfig;

/** Async functions of components are called as others are, and so are the Java functions that stand for them. */
class ComponentAsyncTest {
    private static final Config CONFIG = new Config().epochTick(Duration.ofMillis(1))
            .wasmFeature(WasmFeature.COMPONENT_MODEL_ASYNC, true)
            .wasmFeature(WasmFeature.COMPONENT_MODEL_ASYNC_STACKFUL, true);

    /** Core functions of async exports; {@code return} is task.return of a u32. */
    static final String CALLBACK = """
            (core module $Callback
              (import "" "return" (func $return (param i32)))
              (import "" "set" (func $set (result i32)))
              (func (export "add") (param i32 i32) (result i32)
                (call $return (i32.add (local.get 0) (local.get 1)))
                (i32.const 0))
              (func (export "stackful") (param i32 i32) (call $return (i32.sub (local.get 0) (local.get 1))))
              (func (export "sync") (param i32 i32) (result i32) (i32.mul (local.get 0) (local.get 1)))
              (func (export "trap") (result i32) unreachable)
              (func (export "loop") (result i32) (loop $again (br $again)) (i32.const 0))
              ;; Waits for one of no things.
              (func (export "deadlock") (result i32)
                (i32.or (i32.const 2) (i32.shl (call $set) (i32.const 4))))
              (func (export "nothing") (result i32) (i32.const 0))
              (func (export "callback") (param i32 i32 i32) (result i32) unreachable))
            (core func $return (canon task.return (result u32)))
            (core func $set (canon waitable-set.new))
            (core instance $m (instantiate $Callback
              (with "" (instance (export "return" (func $return)) (export "set" (func $set))))))
            (func (export "add") async (param "a" u32) (param "b" u32) (result u32)
              (canon lift (core func $m "add") async (callback (core func $m "callback"))))
            (func (export "add-plainly") async (param "a" u32) (param "b" u32) (result u32)
              (canon lift (core func $m "sync")))
            (func (export "stackful") async (param "a" u32) (param "b" u32) (result u32)
              (canon lift (core func $m "stackful") async))
            (func (export "sync") (param "a" u32) (param "b" u32) (result u32) (canon lift (core func $m "sync")))
            (func (export "trap") async (result u32)
              (canon lift (core func $m "trap") async (callback (core func $m "callback"))))
            (func (export "loop") async (result u32)
              (canon lift (core func $m "loop") async (callback (core func $m "callback"))))
            (func (export "deadlock") async (result u32)
              (canon lift (core func $m "deadlock") async (callback (core func $m "callback"))))
            (func (export "nothing") async (result u32)
              (canon lift (core func $m "nothing") async (callback (core func $m "callback"))))
            """;

    private final Engine engine = new Engine(CONFIG);
    private final Store store = new Store(engine);
    private final ComponentLinker linker = new ComponentLinker();

    @AfterEach
    void close() {
        store.close();
        engine.close();
    }

    private ComponentInstance instance(String wat) {
        try (Component component = Component.fromWat(engine, wat)) {
            return linker.instantiate(store, component);
        }
    }

    private ComponentInstance callbacks() {
        return instance("(component " + CALLBACK + ")");
    }

    private static TrapCode trapOf(ComponentFunc func) {
        return assertThrows(TrapException.class, func::call).code();
    }

    /** A component with an async function that returns its argument, and one that gets it from a Java function. */
    private static String echo(String type, String kind, String core, String load) {
        String options = ComponentWat.OPTIONS;
        return """
                (component
                  (import "host" (func $host %1$s (param "value" %2$s) (result %2$s)))
                  %3$s
                  (core func $return (canon task.return (result %2$s) (memory (core memory $memory "memory"))))
                  (core func $host (canon lower (func $host) %4$s))
                  (core module $M
                    (import "" "memory" (memory 1))
                    (import "" "return" (func $return (param %5$s)))
                    (import "" "host" (func $host (param %5$s i32)))
                    (func (export "echo") (param %5$s) (result i32)
                      (call $return (local.get 0) (local.get 1))
                      (i32.const 0))
                    (func (export "ask") (param %5$s) (result i32)
                      (call $host (local.get 0) (local.get 1) (i32.const 16))
                      (call $return %6$s)
                      (i32.const 0))
                    (func (export "callback") (param i32 i32 i32) (result i32) unreachable))
                  (core instance $m (instantiate $M
                    (with "" (instance
                      (export "memory" (memory $memory "memory"))
                      (export "return" (func $return))
                      (export "host" (func $host))))))
                  (func (export "echo") async (param "value" %2$s) (result %2$s)
                    (canon lift (core func $m "echo") async (callback (core func $m "callback")) %4$s))
                  (func (export "ask") async (param "value" %2$s) (result %2$s)
                    (canon lift (core func $m "ask") async (callback (core func $m "callback")) %4$s)))
                """.formatted(kind, type, ComponentWat.MEMORY, options, core, load);
    }

    private static String echo(String type, String kind) {
        return echo(type, kind, "i32 i32", "(i32.load (i32.const 16)) (i32.load (i32.const 20))");
    }

    @Test
    void asyncFunctionsReturnTheirResults() {
        ComponentInstance instance = callbacks();
        assertTrue(instance.getFunc("add").type().async());
        for (int i = 0; i < 1000; i++) {
            assertEquals(i + 2L, instance.getFunc("add").call(i, 2));
        }
        assertEquals(12L, instance.getFunc("add-plainly").call(3, 4));
        assertEquals(5L, instance.getFunc("stackful").call(9, 4));
        assertEquals(42L, instance.getFunc("sync").call(6, 7));
    }

    interface Adder {
        long add(long a, long b);
    }

    @Test
    void anInterfaceOfJavaStandsForAsyncFunctions() {
        assertEquals(7L, callbacks().as(Adder.class).add(3, 4));
    }

    @Test
    void valuesCrossInBothDirections() {
        for (String kind : List.of("", "async")) {
            try (Store each = new Store(engine);
                 Component component = Component.fromWat(engine, echo("string", kind))) {
                ComponentInstance instance = new ComponentLinker()
                        .define("host", args -> args[0] + " was here").instantiate(each, component);
                assertEquals("ärger", instance.getFunc("echo").call("ärger"));
                assertEquals("ärger was here", instance.getFunc("ask").call("ärger"), kind);
                assertEquals("again was here", instance.getFunc("ask").call("again"), kind);
            }
        }
    }

    @Test
    void largeByteListsCross() {
        linker.define("host", args -> args[0]);
        ComponentInstance instance = instance(echo("(list u8)", "async"));
        byte[] bytes = new byte[100_000];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (i * 31);
        }
        assertArrayEquals(bytes, (byte[]) instance.getFunc("echo").call((Object) bytes));
        assertArrayEquals(bytes, (byte[]) instance.getFunc("ask").call((Object) bytes));
    }

    @Test
    void resultsThatTakeManyCoreValuesAreReadFromMemory() {
        String type = "(tuple" + " u32".repeat(17) + ")";
        ComponentInstance instance = instance("""
                (component
                  %s
                  (core func $return (canon task.return (result %s) (memory (core memory $memory "memory"))))
                  (core module $M
                    (import "" "memory" (memory 1))
                    (import "" "return" (func $return (param i32)))
                    (func (export "get") (result i32)
                      (i32.store (i32.const 32) (i32.const 7))
                      (i32.store (i32.const 96) (i32.const 8))
                      (call $return (i32.const 32))
                      (i32.const 0))
                    (func (export "callback") (param i32 i32 i32) (result i32) unreachable))
                  (core instance $m (instantiate $M
                    (with "" (instance (export "memory" (memory $memory "memory")) (export "return" (func $return))))))
                  (func (export "get") async (result %s)
                    (canon lift (core func $m "get") async (callback (core func $m "callback"))
                      (memory (core memory $memory "memory")))))
                """.formatted(ComponentWat.MEMORY, type, type));
        List<Object> expected = new ArrayList<>(Collections.nCopies(17, 0L));
        expected.set(0, 7L);
        expected.set(16, 8L);
        assertEquals(expected, instance.getFunc("get").call());
    }

    @Test
    void anExceptionOfTheHostComesOutAsTheSameObject() {
        for (String kind : List.of("", "async")) {
            RuntimeException thrown = new RuntimeException("of the host");
            try (Store each = new Store(engine);
                 Component component = Component.fromWat(engine, echo("string", kind))) {
                ComponentFunc ask = new ComponentLinker().define("host", args -> {
                    throw thrown;
                }).instantiate(each, component).getFunc("ask");
                assertSame(thrown, assertThrows(RuntimeException.class, () -> ask.call("x")));
                assertEquals(TrapCode.CANNOT_ENTER_COMPONENT,
                        assertThrows(TrapException.class, () -> ask.call("x")).code());
            }
        }
    }

    @Test
    void aHostFunctionMayCallAnotherStoreButNotItsOwn() {
        List<ComponentFunc> own = new ArrayList<>();
        try (Store other = new Store(engine); Component component = Component.fromWat(engine,
                "(component " + CALLBACK + ")")) {
            ComponentFunc add = new ComponentLinker().instantiate(other, component).getFunc("add");
            linker.define("host", args -> {
                IllegalStateException busy =
                        assertThrows(IllegalStateException.class, () -> own.get(0).call("inside"));
                assertTrue(busy.getMessage().contains("Store"), busy.getMessage());
                return args[0] + " " + add.call(1, 2);
            });
            ComponentInstance instance = instance(echo("string", "async"));
            own.add(instance.getFunc("echo"));
            assertEquals("sum: 3", instance.getFunc("ask").call("sum:"));
            assertEquals("afterwards", own.get(0).call("afterwards"));
        }
    }

    @Test
    void aHostFunctionMayCloseTheStore() {
        linker.define("host", args -> {
            store.close();
            return args[0];
        });
        ComponentInstance instance = instance(echo("string", "async"));
        assertEquals("x", instance.getFunc("ask").call("x"));
        assertThrows(IllegalStateException.class, () -> instance.getFunc("echo").call("x"));
    }

    @Test
    void anErrorOfAHostFunctionIsAResult() {
        linker.define("host", args -> {
            throw new ComponentException("no");
        });
        ComponentFunc ask = instance("""
                (component
                  (import "host" (func $host async (result (result (error string)))))
                  %1$s
                  (core func $return (canon task.return (result (result (error string)))
                    (memory (core memory $memory "memory"))))
                  (core func $host (canon lower (func $host) %2$s))
                  (core module $M
                    (import "" "memory" (memory 1))
                    (import "" "return" (func $return (param i32 i32 i32)))
                    (import "" "host" (func $host (param i32)))
                    (func (export "ask") (result i32)
                      (call $host (i32.const 16))
                      (call $return (i32.load8_u (i32.const 16)) (i32.load (i32.const 20)) (i32.load (i32.const 24)))
                      (i32.const 0))
                    (func (export "callback") (param i32 i32 i32) (result i32) unreachable))
                  (core instance $m (instantiate $M
                    (with "" (instance
                      (export "memory" (memory $memory "memory"))
                      (export "return" (func $return))
                      (export "host" (func $host))))))
                  (func (export "ask") async (result (result (error string)))
                    (canon lift (core func $m "ask") async (callback (core func $m "callback")) %2$s)))
                """.formatted(ComponentWat.MEMORY, ComponentWat.OPTIONS)).getFunc("ask");
        for (int i = 0; i < 2; i++) {
            assertEquals("no", assertThrows(ComponentException.class, ask::call).error());
        }
    }

    @Test
    void trapsEndTheComponentsOfTheStore() {
        ComponentInstance instance = callbacks();
        assertEquals(TrapCode.UNREACHABLE_CODE_REACHED, trapOf(instance.getFunc("trap")));
        assertEquals(TrapCode.CANNOT_ENTER_COMPONENT,
                assertThrows(TrapException.class, () -> instance.getFunc("add").call(1, 2)).code());
    }

    @Test
    void aDeadlockIsATrap() {
        assertEquals(TrapCode.ASYNC_DEADLOCK, trapOf(callbacks().getFunc("deadlock")));
    }

    @Test
    void aFunctionWithoutAResultIsATrap() {
        assertEquals(TrapCode.NO_ASYNC_RESULT, trapOf(callbacks().getFunc("nothing")));
    }

    @Test
    void aDeadlineEndsAnEndlessLoop() {
        ComponentFunc loop = callbacks().getFunc("loop");
        assertEquals(TrapCode.INTERRUPT, assertThrows(TrapException.class,
                () -> store.callWithin(Duration.ofMillis(50), loop::call)).code());
        assertEquals(TrapCode.CANNOT_ENTER_COMPONENT, trapOf(loop));
    }

    @Test
    void anInterruptEndsAnEndlessLoop() {
        ComponentFunc loop = callbacks().getFunc("loop");
        store.setInterruptible(true);
        Thread.currentThread().interrupt();
        assertEquals(TrapCode.INTERRUPT, trapOf(loop));
        assertTrue(Thread.interrupted());
    }

    @Test
    void anEpochEndsAnEndlessLoop() {
        ComponentFunc loop = callbacks().getFunc("loop");
        store.setEpochDeadline(20);
        assertEquals(TrapCode.INTERRUPT, trapOf(loop));
    }

    @Test
    void someStreamsAndFuturesAreRefusedByName() {
        for (String type : List.of("(future)", "(stream u16)", "(stream)")) {
            String wat = """
                    (component
                      (type $t %s)
                      (core module $M
                        (func (export "take") (param i32) (result i32) (i32.const 0))
                        (func (export "callback") (param i32 i32 i32) (result i32) unreachable))
                      (core instance $m (instantiate $M))
                      (func (export "take") async (param "it" $t)
                        (canon lift (core func $m "take") async (callback (core func $m "callback")))))
                    """.formatted(type);
            try (Store each = new Store(engine); Component component = Component.fromWat(engine, wat)) {
                ComponentInstance instance = new ComponentLinker().instantiate(each, component);
                String refusal = assertThrows(UnsupportedOperationException.class,
                        () -> instance.getFunc("take")).getMessage();
                String wit = type.substring(1, type.length() - 1).replaceAll(" (.*)", "<$1>");
                assertEquals("take, parameter 'it': Java has no values of the type " + wit, refusal);
            }
        }
    }

    @Test
    void anAsyncComponentNeedsAStoreWithoutOthers() {
        instance("(component)");
        String refusal = assertThrows(IllegalStateException.class, this::callbacks).getMessage();
        assertTrue(refusal.contains("Store of its own"), refusal);
    }

    @Test
    void aComponentWithoutAsyncFunctionsRunsBesideOneWithThem() {
        callbacks();
        linker.define("host", args -> null).define("pong", args -> "pong " + args[0]);
        ComponentInstance instance = instance(ComponentWat.echo("", "string"));
        assertEquals(3, ((Number) instance.getFunc("add").call(1, 2)).intValue());
    }

    @Test
    void theFeatureIsOffByDefault() {
        try (Engine without = new Engine()) {
            String refusal = assertThrows(WasmtimeException.class,
                    () -> Component.fromWat(without, SLEEP)).getMessage();
            assertTrue(refusal.contains("wasmFeature(WasmFeature.COMPONENT_MODEL_ASYNC, true)"), refusal);
        }
    }

    /** Calls {@code wait-for} of WASI 0.3, which is an async func. */
    private static final String SLEEP = """
            (component
              (import "wasi:clocks/monotonic-clock@0.3.0" (instance $clock
                (export "wait-for" (func async (param "how-long" u64)))))
              (alias export $clock "wait-for" (func $wait))
              (core func $wait (canon lower (func $wait)))
              (core func $return (canon task.return (result u32)))
              (core module $M
                (import "" "wait" (func $wait (param i64)))
                (import "" "return" (func $return (param i32)))
                (func (export "sleep") (param i64) (result i32)
                  (call $wait (local.get 0))
                  (call $return (i32.const 5))
                  (i32.const 0))
                (func (export "callback") (param i32 i32 i32) (result i32) unreachable))
              (core instance $m (instantiate $M
                (with "" (instance (export "wait" (func $wait)) (export "return" (func $return))))))
              (func (export "sleep") async (param "nanos" u64) (result u32)
                (canon lift (core func $m "sleep") async (callback (core func $m "callback")))))
            """;

    @Test
    void aCallWaitsForTheClockOfWasi() {
        new Wasi(store, WasiConfig.EMPTY);
        Wasi.addToLinker(linker);
        ComponentFunc sleep = instance(SLEEP).getFunc("sleep");
        long start = System.nanoTime();
        assertEquals(5L, sleep.call(30_000_000L));
        assertTrue(System.nanoTime() - start >= 30_000_000L);
    }

    @Test
    void aPoolHasStacks() {
        Config config = new Config().allocationStrategy(new PoolingAllocationConfig().totalMemories(10))
                .wasmFeature(WasmFeature.COMPONENT_MODEL_ASYNC, true);
        try (Engine pooled = new Engine(config); Store other = new Store(pooled);
             Component component = Component.fromWat(pooled, SLEEP)) {
            ComponentLinker others = new ComponentLinker();
            new Wasi(other, WasiConfig.EMPTY);
            Wasi.addToLinker(others);
            assertEquals(5L, others.instantiate(other, component).getFunc("sleep").call(1L));
        }
    }

    @Test
    void aDeadlineEndsAWait() {
        new Wasi(store, WasiConfig.EMPTY);
        Wasi.addToLinker(linker);
        ComponentFunc sleep = instance(SLEEP).getFunc("sleep");
        long start = System.nanoTime();
        assertEquals(TrapCode.INTERRUPT, assertThrows(TrapException.class,
                () -> store.callWithin(Duration.ofMillis(50), () -> sleep.call(3_600_000_000_000L))).code());
        assertTrue(System.nanoTime() - start < 30_000_000_000L);
        assertEquals(TrapCode.CANNOT_ENTER_COMPONENT,
                assertThrows(TrapException.class, () -> sleep.call(1L)).code());
    }

    @Test
    void missingWasiIsNamed() {
        String missing = assertThrows(WasmtimeException.class, () -> instance(SLEEP)).getMessage();
        assertTrue(missing.contains("Wasi.addToLinker(linker)"), missing);
        assertTrue(missing.contains("wasi:clocks/monotonic-clock@0.3.0"), missing);
    }

    private static final String RANDOM = """
            (component
              (import "wasi:random/random@0.3.0" (instance $random
                (export "get-random-u64" (func (result u64)))))
              (alias export $random "get-random-u64" (func $get))
              (core func $get (canon lower (func $get)))
              (func (export "get") (result u64) (canon lift (core func $get))))
            """;

    @Test
    void theSeedDecidesRandomNumbersOfWasi03() {
        new Wasi(store, WasiConfig.builder().randomSeed(0).build());
        Wasi.addToLinker(linker);
        assertEquals(0xe220a8397b1dcdafL, instance(RANDOM).getFunc("get").call());
    }

    @Test
    void wasi03NeedsTheFeatureEvenWithoutAsyncFunctions() {
        try (Engine without = new Engine(); Store other = new Store(without);
             Component component = Component.fromWat(without, RANDOM)) {
            ComponentLinker others = new ComponentLinker();
            new Wasi(other, WasiConfig.EMPTY);
            Wasi.addToLinker(others);
            String refusal = assertThrows(IllegalArgumentException.class,
                    () -> others.instantiate(other, component)).getMessage();
            assertTrue(refusal.contains("wasmFeature(WasmFeature.COMPONENT_MODEL_ASYNC, true)"), refusal);
        }
    }

    @Test
    void aJavaStreamAsInputIsRefused() {
        new Wasi(store, WasiConfig.builder().stdin(Input.stream(InputStream.nullInputStream())).build());
        Wasi.addToLinker(linker);
        assertThrows(IllegalArgumentException.class, () -> instance(SLEEP));
    }

    /** Writes "hi" to the standard output of WASI 0.3 by a stream, and waits until it is written. */
    private static final String HELLO = """
            (component
              (type $code (enum "io" "illegal-byte-sequence" "pipe"))
              (import "wasi:cli/types@0.3.0" (instance $types
                (type $e (enum "io" "illegal-byte-sequence" "pipe"))
                (export "error-code" (type (eq $e)))))
              (alias export $types "error-code" (type $error))
              (import "wasi:cli/stdout@0.3.0" (instance $stdout
                (alias outer 1 $error (type $err))
                (export "error-code" (type $mine (eq $err)))
                (type $bytes (stream u8))
                (type $res (result (error $mine)))
                (type $done (future $res))
                (export "write-via-stream" (func (param "data" $bytes) (result $done)))))
              %s
              (alias export $stdout "write-via-stream" (func $write-via))
              (type $bytes (stream u8))
              (core func $write-via (canon lower (func $write-via)))
              (core func $new (canon stream.new $bytes))
              (core func $write (canon stream.write $bytes async (memory (core memory $memory "memory"))))
              (core func $drop (canon stream.drop-writable $bytes))
              (core func $return (canon task.return (result u32)))
              (core module $M
                (import "" "memory" (memory 1))
                (import "" "new" (func $new (result i64)))
                (import "" "write" (func $write (param i32 i32 i32) (result i32)))
                (import "" "drop" (func $drop (param i32)))
                (import "" "write-via" (func $write-via (param i32) (result i32)))
                (import "" "return" (func $return (param i32)))
                (func (export "hello") (result i32)
                  (local $both i64)
                  (i32.store (i32.const 16) (i32.const 0x0a6968))
                  (local.set $both (call $new))
                  (drop (call $write-via (i32.wrap_i64 (local.get $both))))
                  (call $return (call $write
                    (i32.wrap_i64 (i64.shr_u (local.get $both) (i64.const 32))) (i32.const 16) (i32.const 3)))
                  (call $drop (i32.wrap_i64 (i64.shr_u (local.get $both) (i64.const 32))))
                  (i32.const 0))
                (func (export "callback") (param i32 i32 i32) (result i32) unreachable))
              (core instance $m (instantiate $M
                (with "" (instance
                  (export "memory" (memory $memory "memory")) (export "new" (func $new))
                  (export "write" (func $write)) (export "drop" (func $drop))
                  (export "write-via" (func $write-via)) (export "return" (func $return))))))
              (func (export "hello") async (result u32)
                (canon lift (core func $m "hello") async (callback (core func $m "callback")))))
            """.formatted(ComponentWat.MEMORY);

    @Test
    void outputOfWasi03GoesToAJavaStream() {
        Capture output = new Capture(1 << 20);
        new Wasi(store, WasiConfig.builder().stdout(Output.stream(output)).build());
        Wasi.addToLinker(linker);
        // 3 items, completed.
        assertEquals(3L << 4, instance(HELLO).getFunc("hello").call());
        assertEquals("hi\n", output.text());
    }
}
