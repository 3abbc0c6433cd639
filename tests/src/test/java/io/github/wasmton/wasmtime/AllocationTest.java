package io.github.wasmton.wasmtime;

import static io.github.wasmton.wasmtime.WasmValType.I32;
import static io.github.wasmton.wasmtime.WasmValType.I64;
import static java.lang.invoke.MethodType.methodType;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import com.sun.management.ThreadMXBean;

import io.github.wasmton.testing.Wasm;

/**
 * Promise: numbers cross without an allocation per call, from Java to wasm and back, for every signature. Each function
 * here is wasm that passes its parameters on to a Java function.
 */
class AllocationTest {
    private static final int CALLS = 100_000;
    /** Allowance for one-time allocations of the JVM: far less than a byte per call. */
    private static final int ONCE = 20_000;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final List<Class<?>> TYPES = List.of(int.class, long.class, float.class, double.class);
    private static final List<String> NAMES = List.of("i32", "i64", "f32", "f64");
    private static final List<Object> VALUES = List.of(1_000_000, 1L << 40, 1.5f, -2.5);

    private final Store store = new Store();

    @AfterEach
    void close() {
        store.close();
    }

    private static void expectNothing(String what, Runnable call) {
        for (int i = 0; i < CALLS / 5; i++) {
            call.run();
        }
        long before = THREADS.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < CALLS; i++) {
            call.run();
        }
        long bytes = THREADS.getCurrentThreadAllocatedBytes() - before;
        assertTrue(bytes < ONCE, what + ": " + bytes + " bytes in " + CALLS + " calls");
    }

    /** Returns wasm that calls the function with its own parameters. */
    private Func through(Func host, List<String> params, String result) {
        String type = (params.isEmpty() ? "" : "(param " + String.join(" ", params) + ")")
                + (result == null ? "" : "(result " + result + ")");
        StringBuilder gets = new StringBuilder();
        IntStream.range(0, params.size()).forEach(i -> gets.append("(local.get ").append(i).append(')'));
        try (Linker linker = new Linker(store)) {
            linker.define("host", "f", Extern.fromFunc(host));
            return Wasm.instantiate(linker, "(module (import \"host\" \"f\" (func $f " + type + "))"
                    + "(func (export \"f\") " + type + "(call $f " + gets + ")))").getFunc("f");
        }
    }

    /**
     * Returns types with 0 to 16 parameters of the four number types in turn, with each of them as the result, and
     * without a result.
     */
    static Stream<Integer> counts() {
        return IntStream.rangeClosed(0, 16).boxed();
    }

    @ParameterizedTest
    @MethodSource("counts")
    void handlesPassNumbersWithoutBoxing(int count) throws Throwable {
        for (int result : new int[] {count % 4, 4}) {
            List<Class<?>> types = new ArrayList<>();
            List<String> names = new ArrayList<>();
            List<Object> values = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                types.add(TYPES.get(i % 4));
                names.add(NAMES.get(i % 4));
                values.add(VALUES.get(i % 4));
            }
            MethodHandle host = MethodHandles.dropArguments(result == 4 ? MethodHandles.empty(methodType(void.class))
                    : MethodHandles.constant(TYPES.get(result), VALUES.get(result)), 0, types);
            Func func = through(WasmFunctions.wrap(store, host), names, result == 4 ? null : NAMES.get(result));
            MethodHandle call = MethodHandles.insertArguments(WasmFunctions.handle(func), 0, values.toArray());
            if (result < 4) {
                assertEquals(VALUES.get(result), call.invoke());
            }
            MethodHandle dropping = call.asType(methodType(void.class));
            expectNothing(names + " -> " + result, () -> {
                try {
                    dropping.invokeExact();
                } catch (Throwable e) {
                    throw new AssertionError(e);
                }
            });
        }
    }

    /** Checks that each parameter arrives in its place. */
    @ParameterizedTest
    @MethodSource("counts")
    void parametersKeepTheirOrder(int count) throws Throwable {
        for (int k = 0; k < count; k++) {
            List<Class<?>> types = new ArrayList<>();
            List<String> names = new ArrayList<>();
            List<Object> values = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                types.add(TYPES.get(i % 4));
                names.add(NAMES.get(i % 4));
                values.add(List.<Object>of(-i, (long) -i, (float) -i, (double) -i).get(i % 4));
            }
            MethodHandle host = MethodHandles.dropArguments(MethodHandles.identity(types.get(k)), 0,
                    types.subList(0, k));
            host = MethodHandles.dropArguments(host, k + 1, types.subList(k + 1, count));
            Func func = through(WasmFunctions.wrap(store, host), names, NAMES.get(k % 4));
            assertEquals(values.get(k), WasmFunctions.handle(func).invokeWithArguments(values));
        }
    }

    /** Uses numbers with cached boxes, so that no box is allocated. */
    @Test
    void typedFunctionsAllocateOnlyBoxes() {
        var f0 = WasmFunctions.func(through(WasmFunctions.wrap(store, I32, () -> 7), List.of(), "i32"), I32);
        expectNothing("Function0", f0::call);
        var c0 = WasmFunctions.consumer(through(WasmFunctions.wrap(store, () -> {}), List.of(), null));
        expectNothing("Consumer0", c0::accept);
        var f1 = WasmFunctions.func(through(WasmFunctions.wrap(store, I64, I64, a -> a), List.of("i64"), "i64"), I64,
                I64);
        expectNothing("Function1", () -> f1.call(7L));
        var c1 = WasmFunctions.consumer(through(WasmFunctions.wrap(store, I32, a -> {}), List.of("i32"), null), I32);
        expectNothing("Consumer1", () -> c1.accept(7));
        var f2 = WasmFunctions.func(through(WasmFunctions.wrap(store, I32, I64, I32, (a, b) -> a),
                List.of("i32", "i64"), "i32"), I32, I64, I32);
        expectNothing("Function2", () -> f2.call(7, 8L));
        var c2 = WasmFunctions.consumer(through(WasmFunctions.wrap(store, I32, I64, (a, b) -> {}),
                List.of("i32", "i64"), null), I32, I64);
        expectNothing("Consumer2", () -> c2.accept(7, 8L));
        var f3 = WasmFunctions.func(through(WasmFunctions.wrap(store, I32, I64, I32, I64, (a, b, c) -> b),
                List.of("i32", "i64", "i32"), "i64"), I32, I64, I32, I64);
        expectNothing("Function3", () -> f3.call(7, 8L, 9));
        var c3 = WasmFunctions.consumer(through(WasmFunctions.wrap(store, I32, I64, I32, (a, b, c) -> {}),
                List.of("i32", "i64", "i32"), null), I32, I64, I32);
        expectNothing("Consumer3", () -> c3.accept(7, 8L, 9));
        var f4 = WasmFunctions.func(through(WasmFunctions.wrap(store, I32, I64, I32, I64, I32, (a, b, c, d) -> c),
                List.of("i32", "i64", "i32", "i64"), "i32"), I32, I64, I32, I64, I32);
        expectNothing("Function4", () -> f4.call(7, 8L, 9, 10L));
        var c4 = WasmFunctions.consumer(through(WasmFunctions.wrap(store, I32, I64, I32, I64, (a, b, c, d) -> {}),
                List.of("i32", "i64", "i32", "i64"), null), I32, I64, I32, I64);
        expectNothing("Consumer4", () -> c4.accept(7, 8L, 9, 10L));
    }
}
