package io.github.wasmton.wasmtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import io.github.wasmton.testing.OnThread;
import io.github.wasmton.testing.Wasm;

/**
 * Promise: the signal handlers of wasmtime and HotSpot coexist. Both use the same signals: HotSpot for
 * NullPointerException, ArithmeticException and StackOverflowError, and to stop threads for the collector; wasmtime for
 * traps. {@code ChildJvmTest} reruns this class under the other collectors.
 */
@Timeout(value = 30, unit = TimeUnit.MINUTES)
class SignalsTest {
    private static final int THREADS = 4;
    private static final int ROUNDS = 200;
    private static final String GUEST = """
            (module
              (memory 1)
              (func (export "UNREACHABLE_CODE_REACHED") unreachable)
              (func (export "INTEGER_DIVISION_BY_ZERO") (drop (i32.div_s (i32.const 1) (i32.const 0))))
              (func (export "INTEGER_OVERFLOW") (drop (i64.div_s (i64.const 0x8000000000000000) (i64.const -1))))
              (func (export "MEMORY_OUT_OF_BOUNDS") (drop (i32.load8_u (i32.const 65536))))
              (func $down (export "STACK_OVERFLOW") (call $down)))""";
    private static final List<TrapCode> CODES = List.of(TrapCode.UNREACHABLE_CODE_REACHED,
            TrapCode.INTEGER_DIVISION_BY_ZERO, TrapCode.INTEGER_OVERFLOW, TrapCode.MEMORY_OUT_OF_BOUNDS,
            TrapCode.STACK_OVERFLOW);

    private static final class Node {
        Node next;
        int value = 1;
        int[] garbage;
    }

    /** Reads a field without a null check in compiled code: the CPU finds the null. */
    private static int follow(Node node) {
        return node.next.value;
    }

    private static int divide(int a, int b) {
        return a / b;
    }

    private static int endless(int n) {
        return endless(n + 1) + 1;
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void trapsAndJavasFaultsCoexistOnTheSameThreads(boolean signalsBasedTraps) {
        AtomicInteger rounds = new AtomicInteger();
        try (Engine engine = new Engine(new Config().signalsBasedTraps(signalsBasedTraps))) {
            List<OnThread> threads = IntStream.range(0, THREADS)
                    .mapToObj(i -> OnThread.start("faults " + i, () -> faults(engine, i, rounds))).toList();
            threads.forEach(OnThread::join);
        }
        assertEquals(THREADS * ROUNDS, rounds.get());
    }

    private static void faults(Engine engine, int thread, AtomicInteger rounds) {
        try (Store store = new Store(engine)) {
            Instance instance = Wasm.instantiate(store, GUEST);
            Map<TrapCode, WasmFunctions.Consumer0> traps = new EnumMap<>(TrapCode.class);
            CODES.forEach(code -> traps.put(code, WasmFunctions.consumer(instance.getFunc(code.name()))));
            Node last = new Node();
            Node first = new Node();
            first.next = last;
            int sum = 0;
            for (int round = 0; round < ROUNDS; round++) {
                traps.forEach((code, f) -> assertEquals(code, assertThrows(TrapException.class, f::accept).code()));
                for (int i = 0; i < 50; i++) {
                    sum += follow(first) + divide(i, 1);
                    assertThrows(NullPointerException.class, () -> follow(last));
                    assertThrows(ArithmeticException.class, () -> divide(1, 0));
                }
                first.garbage = new int[10_000];
                if (round % 10 == thread) {
                    assertThrows(StackOverflowError.class, () -> endless(0));
                }
                if (round % 20 == 5 * thread) {
                    System.gc();
                }
                rounds.incrementAndGet();
            }
            assertTrue(sum > 0);
        }
    }
}
