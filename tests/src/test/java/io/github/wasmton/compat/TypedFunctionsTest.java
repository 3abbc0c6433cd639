package io.github.wasmton.compat;

import static java.util.stream.Collectors.joining;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import io.github.kawamuray.wasmtime.Engine;
import io.github.kawamuray.wasmtime.Extern;
import io.github.kawamuray.wasmtime.Func;
import io.github.kawamuray.wasmtime.Instance;
import io.github.kawamuray.wasmtime.Module;
import io.github.kawamuray.wasmtime.Store;
import io.github.kawamuray.wasmtime.WasmFunctions;
import io.github.kawamuray.wasmtime.WasmValType;

/** The functions and consumers of {@link WasmFunctions} with 0 to 15 parameters, in both directions through wasm. */
class TypedFunctionsTest {
    private static final List<WasmValType<?>> TYPES =
            List.of(WasmValType.I32, WasmValType.I64, WasmValType.F32, WasmValType.F64);
    private static final List<Object> VALUES = List.of(1, 2L, 3f, 4d);

    static IntStream parameters() {
        return IntStream.rangeClosed(0, 15);
    }

    @ParameterizedTest
    @MethodSource("parameters")
    void functionGetsItsParametersInOrderAndReturnsItsResult(int parameters) throws Exception {
        List<Object> got = new ArrayList<>();
        Object result = call("Function" + parameters, parameters, true, got);
        assertEquals(42L, result);
        assertEquals(values(parameters), got);
    }

    @ParameterizedTest
    @MethodSource("parameters")
    void consumerGetsItsParametersInOrder(int parameters) throws Exception {
        List<Object> got = new ArrayList<>();
        assertNull(call("Consumer" + parameters, parameters, false, got));
        assertEquals(values(parameters), got);
    }

    private static List<Object> values(int count) {
        return IntStream.range(0, count).mapToObj(i -> VALUES.get(i % 4)).toList();
    }

    /** Wraps a Java function of that interface, exports it from a module, and calls the export as that interface. */
    private static Object call(String name, int parameters, boolean returns, List<Object> got) throws Exception {
        Class<?> type = Class.forName(WasmFunctions.class.getName() + '$' + name);
        List<Object> types = new ArrayList<>(IntStream.range(0, parameters).mapToObj(i -> TYPES.get(i % 4)).toList());
        if (returns) {
            types.add(WasmValType.I64);
        }
        InvocationHandler handler = (proxy, method, args) -> {
            Collections.addAll(got, args == null ? new Object[0] : args);
            return returns ? 42L : null;
        };
        Object function = Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler);
        try (Store<Void> store = Store.withoutData(); Engine engine = store.engine();
                Module module = new Module(engine, guest(parameters, returns).getBytes())) {
            List<Object> wrapped = new ArrayList<>(types);
            wrapped.add(0, store);
            wrapped.add(function);
            Func host = (Func) invoke("wrap", type, wrapped);
            Instance instance = new Instance(store, module, List.of(Extern.fromFunc(host)));
            types.addAll(0, List.of(store, instance.getFunc(store, "call").orElseThrow()));
            Object view = invoke(returns ? "func" : "consumer", type, types);
            Method method = Arrays.stream(type.getMethods()).findFirst().orElseThrow();
            return method.invoke(view, values(parameters).toArray());
        }
    }

    /** A module that exports the function that it imports. */
    private static String guest(int parameters, boolean returns) {
        String names = IntStream.range(0, parameters).mapToObj(i -> TYPES.get(i % 4).type().name())
                .collect(joining(" ")).toLowerCase(Locale.ROOT);
        String type = "(param " + names + ")" + (returns ? " (result i64)" : "");
        String gets = IntStream.range(0, parameters).mapToObj(i -> "(local.get " + i + ")").collect(joining(" "));
        return "(module (import \"\" \"\" (func $host " + type + ")) (func (export \"call\") " + type
                + " (call $host " + gets + ")))";
    }

    /** Calls the method of WasmFunctions that takes or returns that interface. */
    private static Object invoke(String name, Class<?> type, List<Object> args) throws Exception {
        Method method = Arrays.stream(WasmFunctions.class.getMethods()).filter(it -> it.getName().equals(name)
                && (it.getReturnType() == type || Arrays.asList(it.getParameterTypes()).contains(type)))
                .findFirst().orElseThrow();
        return method.invoke(null, args.toArray());
    }
}
