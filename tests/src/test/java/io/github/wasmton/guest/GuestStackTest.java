package io.github.wasmton.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CountDownLatch;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import io.github.wasmton.testing.ChildJvm;
import io.github.wasmton.testing.OnThread;
import io.github.wasmton.testing.Wasm;

/** The stack that guests have: {@link GuestLimits#stack}, or what their thread has room for. */
class GuestStackTest {
    /** Bytes of stack that a level of {@link #RECURSES} takes at least, and at most. */
    private static final int LEAST_FRAME = 32;
    private static final int MOST_FRAME = 160;

    /** Recurses as many levels as its task has bytes. Its frames are of some 100 bytes. */
    private static final String RECURSES = """
            (module
              (import "decaton" "poll_task" (func $poll (param i64 i32) (result i32)))
              (memory (export "memory") 8)
              (func $down (param i32) (result i64)
                (local i64 i64 i64 i64 i64 i64)
                (local.set 1 (i64.extend_i32_u (local.get 0)))
                (local.set 2 (i64.mul (local.get 1) (local.get 1)))
                (local.set 3 (i64.mul (local.get 2) (local.get 1)))
                (local.set 4 (i64.mul (local.get 3) (local.get 1)))
                (local.set 5 (i64.mul (local.get 4) (local.get 1)))
                (local.set 6 (i64.mul (local.get 5) (local.get 1)))
                (if (result i64) (i32.eqz (local.get 0))
                  (then (i64.const 0))
                  (else (i64.add (call $down (i32.sub (local.get 0) (i32.const 1)))
                    (i64.add (i64.add (i64.add (local.get 1) (local.get 2)) (i64.add (local.get 3) (local.get 4)))
                      (i64.add (local.get 5) (local.get 6)))))))
              (func (export "run") (drop (call $down (call $poll (i64.const 0) (i32.const 524288))))))""";

    private static final String RECURSES_FOR_EVER = """
            (component
              (core module $m
                (func $down (export "run") (call $down)))
              (core instance $i (instantiate $m))
              (func (export "run") (canon lift (core func $i "run"))))""";

    private static Outcome recurse(Guest guest, int levels) {
        return guest.process(new Task("topic", 1, 7, new byte[levels]));
    }

    /** Returns the most levels that a guest reaches, and the reason of its failure beyond them. */
    private static String[] deepest(GuestLimits limits, long threadStack) {
        String[] found = new String[2];
        OnThread.run(threadStack, () -> {
            try (GuestModule module = Wasm.guest(RECURSES, GuestOptions.DEFAULT.withLimits(limits));
                 Guest guest = module.instantiate()) {
                int done = 0;
                int failed = 500_000;
                while (failed - done > 100) {
                    int levels = (done + failed) / 2;
                    if (recurse(guest, levels) instanceof Outcome.Failed failure) {
                        assertEquals(Outcome.Kind.TRAP, failure.kind(), failure.reason());
                        found[1] = failure.reason();
                        failed = levels;
                    } else {
                        done = levels;
                    }
                }
                found[0] = Integer.toString(done);
            }
        });
        return found;
    }

    private static void assertStack(long stack, String levels) {
        int deepest = Integer.parseInt(levels);
        assertTrue(deepest > stack / MOST_FRAME && deepest < stack / LEAST_FRAME, deepest + " levels in " + stack);
    }

    @ParameterizedTest
    @CsvSource({"1048576, 1MiB", "2097152, 2MiB", "8388608, 8MiB", "131072, 128KiB"})
    void guestHasTheStackOfItsLimits(long stack, String text) {
        GuestLimits limits = GuestLimits.DEFAULT.withStack(stack);
        String[] deepest = deepest(limits, limits.threadStack());
        assertStack(stack, deepest[0]);
        assertEquals("the guest used up its stack of " + text + " (GuestLimits.stack): wasm trap: call stack exhausted",
                deepest[1]);
    }

    @Test
    void defaultIs1MiBAndRecursesTwiceAsDeepAsWasmtime() {
        assertEquals(1 << 20, GuestLimits.DEFAULT.stack());
        int wasmtime = Integer.parseInt(deepest(GuestLimits.DEFAULT.withStack(512 << 10), 4 << 20)[0]);
        int here = Integer.parseInt(deepest(GuestLimits.DEFAULT, GuestLimits.DEFAULT.threadStack())[0]);
        assertTrue(here > 1.9 * wasmtime, here + " and " + wasmtime);
    }

    /** A thread of Java's default size, such as Decaton's, has 1 MiB in all. */
    @Test
    @Tag("own-jvm")
    void threadsWithLessRoomGiveLess() {
        // The C library may reuse a larger stack for a new thread.
        new ChildJvm().with("GLIBC_TUNABLES", "glibc.pthread.stack_cache_size=0").run(SmallThreads.class).succeeded();
    }

    static class SmallThreads {
        public static void main(String[] args) {
            // The smallest first: even then the C library may keep a stack.
            assertNoRoomAtAll();
            assertTooSmall();
            assertComponentHasAStack(384 << 10, "1MiB (GuestLimits.stack)");
            assertComponentHasAStack(640 << 10, "256KiB; ");
            assertLess(640 << 10, 256 << 10, "256KiB");
            assertLess(1 << 20, 512 << 10, "512KiB");
            assertComponentHasAStack(1 << 20, "512KiB; ");
            assertRefusedOnSmallThread();
        }

        private static void assertNoRoomAtAll() {
            try (GuestModule module = Wasm.guest(RECURSES_FOR_EVER, GuestOptions.DEFAULT)) {
                Throwable thrown = OnThread.catching(200 << 10, () -> module.instantiate().close());
                assertInstanceOf(StackOverflowError.class, thrown);
            }
        }

        /** On the smallest thread it has one of its own. */
        private static void assertComponentHasAStack(long threadStack, String stack) {
            OnThread.run(threadStack, () -> {
                try (GuestModule module = Wasm.guest(RECURSES_FOR_EVER, GuestOptions.DEFAULT);
                     Guest guest = module.instantiate()) {
                    Outcome.Failed failed = assertInstanceOf(Outcome.Failed.class, recurse(guest, 0));
                    assertTrue(failed.reason().startsWith("the guest used up its stack of " + stack), failed.reason());
                }
            });
        }

        private static void assertLess(long threadStack, long stack, String text) {
            String[] deepest = deepest(GuestLimits.DEFAULT, threadStack);
            assertStack(stack, deepest[0]);
            assertEquals("the guest used up its stack of " + text + "; GuestLimits.stack allows 1MiB, but its thread "
                    + "has no room for that (java -Xss): wasm trap: call stack exhausted", deepest[1]);
        }

        private static void assertTooSmall() {
            try (GuestModule module = Wasm.guest(RECURSES, GuestOptions.DEFAULT)) {
                Throwable thrown = OnThread.catching(384 << 10, () -> module.instantiate().close());
                StackOverflowError e = assertInstanceOf(StackOverflowError.class, thrown);
                assertTrue(e.getMessage().contains("GuestLimits.stack"), e.getMessage());
            }
        }

        /** The guest was made where there is room for 1 MiB, and its task comes where there is not. */
        private static void assertRefusedOnSmallThread() {
            GuestModule module = Wasm.guest(RECURSES, GuestOptions.DEFAULT);
            Guest[] guest = new Guest[1];
            CountDownLatch made = new CountDownLatch(1);
            CountDownLatch refused = new CountDownLatch(1);
            Thread large = new Thread(null, () -> {
                guest[0] = module.instantiate();
                made.countDown();
                try {
                    OnThread.await(refused, "the small thread");
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            }, "large", GuestLimits.DEFAULT.threadStack());
            large.start();
            try {
                OnThread.await(made, "a guest");
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            OnThread.run(1 << 20, () -> {
                Outcome.Failed failed = assertInstanceOf(Outcome.Failed.class, recurse(guest[0], 1));
                assertEquals(Outcome.Kind.HOST, failed.kind());
                assertTrue(failed.reason().contains("of this thread's stack are left"), failed.reason());
            });
            refused.countDown();
            OnThread.run(GuestLimits.DEFAULT.threadStack(), () -> assertSame(Outcome.DONE, recurse(guest[0], 1)));
        }
    }

    /** A thread that has no room for it gives less. */
    @ParameterizedTest
    @ValueSource(longs = {64 << 10, 1 << 20, 16 << 20})
    void endlessRecursionOfAComponentIsATrap(long stack) {
        GuestOptions options = GuestOptions.DEFAULT.withLimits(GuestLimits.DEFAULT.withStack(stack));
        try (GuestModule module = Wasm.guest(RECURSES_FOR_EVER, options); Guest guest = module.instantiate()) {
            Outcome.Failed failed = assertInstanceOf(Outcome.Failed.class, recurse(guest, 0));
            assertEquals(Outcome.Kind.TRAP, failed.kind());
            assertTrue(failed.reason().contains("call stack exhausted"), failed.reason());
        }
    }

    @Test
    void rejectsImpossibleStacks() {
        assertThrows(IllegalArgumentException.class, () -> GuestLimits.DEFAULT.withStack(65535));
        assertThrows(IllegalArgumentException.class, () -> GuestLimits.DEFAULT.withStack((1L << 30) + 1));
    }
}
