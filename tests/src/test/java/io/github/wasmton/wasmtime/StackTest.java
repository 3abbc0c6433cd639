package io.github.wasmton.wasmtime;

import static io.github.wasmton.wasmtime.WasmValType.I32;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import io.github.wasmton.testing.OnThread;
import io.github.wasmton.testing.StoreAndLinker;
import io.github.wasmton.testing.Wasm;

/**
 * Promise: recursion in wasm never reaches HotSpot's guard pages, however little stack a thread has left.
 * {@code ChildJvmTest} reruns this class with threads of exactly the requested size.
 */
class StackTest extends StoreAndLinker {
    private static final String GUEST = """
            (module
              (import "host" "f" (func $f (param i32) (result i32)))
              (func $down (export "recurse") (param i32) (result i32)
                (i32.add (call $down (i32.add (local.get 0) (i32.const 1))) (i32.const 1)))
              (func $down_then_host (export "recurse_with_host") (param i32) (result i32)
                (drop (call $f (local.get 0)))
                (i32.add (call $down_then_host (i32.add (local.get 0) (i32.const 1))) (i32.const 1)))
              (func (export "host") (param i32) (result i32) (call $f (local.get 0)))
              (func (export "same") (param i32) (result i32) (local.get 0)))""";

    /** The body of the host function. */
    private WasmFunctions.Function1<Integer, Integer> body = n -> n;
    private WasmFunctions.Function1<Integer, Integer> recurse;
    private WasmFunctions.Function1<Integer, Integer> recurseWithHost;
    private WasmFunctions.Function1<Integer, Integer> host;
    private WasmFunctions.Function1<Integer, Integer> same;

    @BeforeEach
    void instantiate() {
        linker.define("host", "f", Extern.fromFunc(WasmFunctions.wrap(store, I32, I32, n -> body.call(n))));
        Instance guest = Wasm.instantiate(linker, GUEST);
        recurse = WasmFunctions.func(guest.getFunc("recurse"), I32, I32);
        recurseWithHost = WasmFunctions.func(guest.getFunc("recurse_with_host"), I32, I32);
        host = WasmFunctions.func(guest.getFunc("host"), I32, I32);
        same = WasmFunctions.func(guest.getFunc("same"), I32, I32);
    }

    /** Checks that an endless recursion ends with the overflow of Java or of wasm. */
    private static void assertOverflow(Throwable thrown) {
        if (thrown instanceof TrapException trap) {
            assertEquals(TrapCode.STACK_OVERFLOW, trap.code());
        } else {
            assertInstanceOf(StackOverflowError.class, thrown);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {128, 256, 512, 768, 1024, 4096})
    void threadsOfAnySizeSurviveARecursiveGuest(int kibibytes) {
        OnThread.run(kibibytes * 1024L, () -> {
            for (int i = 0; i < 3; i++) {
                assertOverflow(assertThrows(Throwable.class, () -> recurse.call(0)));
                assertOverflow(assertThrows(Throwable.class, () -> recurseWithHost.call(0)));
            }
        });
        assertEquals(5, same.call(5), "the Store goes on");
        try (Store next = new Store()) {
            Func seven = Wasm.instantiate(next, "(module (func (export \"f\") (result i32) (i32.const 7)))")
                    .getFunc("f");
            assertEquals(7, WasmFunctions.func(seven, I32).call());
        }
    }

    @Test
    void tooLittleStackIsReportedWithTheAmountMissing() {
        // Not on a small thread: the C library may reuse a larger stack for a new thread.
        try (Engine engine = new Engine(new Config().maxWasmStack(1 << 30)); Store large = new Store(engine)) {
            Func nothing = WasmFunctions.wrap(large, () -> {});
            StackOverflowError e = assertThrows(StackOverflowError.class,
                    () -> WasmFunctions.consumer(nothing).accept());
            long reserve = System.getProperty("os.arch").equals("aarch64") ? 448 : 224;
            assertTrue(e.getMessage().contains("entering wasm needs " + ((1 << 20) + reserve) + " KiB"),
                    e.getMessage());
        }
    }

    @Test
    void smallThreadRunsGuestsOfAnEngineWithASmallStack() {
        try (Engine engine = new Engine(new Config().maxWasmStack(64 * 1024)); Store small = new Store(engine)) {
            OnThread.run(512 * 1024, () -> {
                Instance guest = Wasm.instantiate(small, """
                        (module
                          (func $down (export "recurse") (result i32) (i32.add (call $down) (i32.const 1)))
                          (func (export "seven") (result i32) (i32.const 7)))""");
                assertEquals(7, WasmFunctions.func(guest.getFunc("seven"), I32).call());
                assertEquals(TrapCode.STACK_OVERFLOW, assertThrows(TrapException.class,
                        () -> WasmFunctions.func(guest.getFunc("recurse"), I32).call()).code());
            });
        }
    }

    /** Enters a recursive guest at every depth of the Java stack, until there is no room to enter. */
    @Test
    void deepWasmOnDeepJavaOverflowsSafely() {
        AtomicInteger traps = new AtomicInteger();
        Throwable thrown = OnThread.catching(2 << 20, () -> dive(0, traps));
        assertInstanceOf(StackOverflowError.class, thrown);
        assertTrue(traps.get() > 3, traps + " times wasm was entered");
        assertTrue(thrown.getMessage() == null || thrown.getMessage().contains("entering wasm needs"),
                thrown.getMessage());
        assertEquals(5, same.call(5));
    }

    private int dive(int depth, AtomicInteger traps) {
        if (depth % 200 == 0) {
            try {
                return recurse.call(0);
            } catch (TrapException e) {
                assertEquals(TrapCode.STACK_OVERFLOW, e.code());
                traps.incrementAndGet();
            }
        }
        return dive(depth + 1, traps) + depth;
    }

    /** Uses up the last kilobyte too: Java overflows, and each frame on the way back tries again. */
    @Test
    void enteringWasmAtTheEndOfAJavaStackIsSafe() {
        AtomicInteger refused = new AtomicInteger();
        AtomicInteger entered = new AtomicInteger();
        OnThread.run(1 << 20, () -> diveToTheEnd(refused, entered));
        assertTrue(refused.get() > 10, refused + " attempts were refused");
        assertTrue(entered.get() > 10, entered + " attempts entered");
        assertEquals(5, same.call(5));
    }

    private int diveToTheEnd(AtomicInteger refused, AtomicInteger entered) {
        int below = 0;
        try {
            below = diveToTheEnd(refused, entered);
        } catch (StackOverflowError e) {
            // The end of the stack, or no room for this catch block: the frame above tries.
        }
        try {
            same.call(1);
            entered.incrementAndGet();
        } catch (StackOverflowError e) {
            refused.incrementAndGet();
        }
        return below + 1;
    }

    @ParameterizedTest
    @ValueSource(ints = {1024, 4096})
    void endlessMutualRecursionOverflows(int kibibytes) {
        AtomicInteger depth = new AtomicInteger();
        body = n -> {
            depth.set(Math.max(depth.get(), n));
            return host.call(n + 1);
        };
        OnThread.run(kibibytes * 1024L, () -> {
            for (int i = 0; i < 3; i++) {
                assertOverflow(assertThrows(Throwable.class, () -> host.call(0)));
            }
        });
        assertTrue(depth.get() > 10, depth + " calls deep");
        body = n -> n;
        assertEquals(5, host.call(5));
    }

    /** Enters a host function with wasm's stack nearly used up, which then uses up Java's. */
    @Test
    void javaOnDeepWasmOverflowsSafely() {
        AtomicInteger overflows = new AtomicInteger();
        body = n -> {
            if (n % 50 == 0) {
                assertThrows(StackOverflowError.class, () -> endless(0));
                overflows.incrementAndGet();
            }
            return n;
        };
        OnThread.run(1 << 20, () -> assertEquals(TrapCode.STACK_OVERFLOW,
                assertThrows(TrapException.class, () -> recurseWithHost.call(0)).code()));
        assertTrue(overflows.get() > 10, overflows + " overflows");
        StackOverflowError[] seen = new StackOverflowError[1];
        body = n -> {
            if (n < 100) {
                return n;
            }
            seen[0] = assertThrows(StackOverflowError.class, () -> endless(0));
            throw seen[0];
        };
        Throwable thrown = assertThrows(StackOverflowError.class, () -> recurseWithHost.call(0));
        assertSame(seen[0], thrown);
        body = n -> n;
        assertEquals(5, host.call(5));
    }

    private static int endless(int n) {
        return endless(n + 1) + 1;
    }

    @Test
    void recursionOfAStartFunctionOverflowsToo() {
        for (String module : new String[] {"(module (start $down) (func $down (call $down)))",
                "(module (func $down (export \"_initialize\") (call $down)))"}) {
            try {
                Wasm.module(linker, "m", module);
                fail("no overflow in " + module);
            } catch (TrapException e) {
                assertEquals(TrapCode.STACK_OVERFLOW, e.code());
            }
        }
    }

    @Test
    void manyThreadsOverflowConcurrently() {
        OnThread[] threads = new OnThread[4];
        for (int i = 0; i < threads.length; i++) {
            threads[i] = OnThread.start("overflowing " + i, () -> {
                for (int n = 0; n < 50; n++) {
                    try (Store own = new Store()) {
                        Func down = Wasm.instantiate(own, "(module (func $down (export \"f\") (call $down)))")
                                .getFunc("f");
                        assertEquals(TrapCode.STACK_OVERFLOW, assertThrows(TrapException.class,
                                WasmFunctions.consumer(down)::accept).code());
                    }
                    assertThrows(StackOverflowError.class, () -> endless(0));
                }
            });
        }
        for (OnThread thread : threads) {
            thread.join();
        }
    }
}
