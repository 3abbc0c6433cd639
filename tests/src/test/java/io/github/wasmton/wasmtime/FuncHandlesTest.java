package io.github.wasmton.wasmtime;

import static java.lang.invoke.MethodType.methodType;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** {@link WasmFunctions#handle} and {@link WasmFunctions#wrap(Store, MethodHandle)}. */
class FuncHandlesTest {
    private static final MethodHandles.Lookup LOOKUP = MethodHandles.lookup();

    private final Store store = new Store();

    @AfterEach
    void close() {
        store.close();
    }

    private MethodHandle handle(String func) {
        try (Engine engine = store.engine(); Linker linker = new Linker(store);
             Module module = Module.fromWat(engine, "(module (func (export \"f\") " + func + "))")) {
            return WasmFunctions.handle(linker.instantiate(module).getFunc("f"));
        }
    }

    private static MethodHandle method(String name, Class<?> result, Class<?>... params) throws Exception {
        return LOOKUP.findStatic(FuncHandlesTest.class, name, methodType(result, params));
    }

    static double mixed(int a, long b, float c, double d) {
        return a + b + c + d;
    }

    static void nothing() {}

    static float half(float a) {
        return a / 2;
    }

    static int seven(int a, int b, int c, int d, int e, int f, int g) {
        return a - b * c + d - e + f * g;
    }

    static String length(Caller caller, String text) {
        return text + caller.getExport("nothing").isPresent();
    }

    static Object throwing() throws Exception {
        throw new Exception("on purpose");
    }

    @Test
    void handleHasTheFunctionsTypes() throws Throwable {
        MethodHandle add = handle("(param i32 i32) (result i32) local.get 0 local.get 1 i32.add");
        assertEquals(methodType(int.class, int.class, int.class), add.type());
        assertEquals(Integer.MIN_VALUE, (int) add.invokeExact(Integer.MAX_VALUE, 1));
        handle("nop").invokeExact();
        assertEquals(-1.5f, (float) handle("(param f32) (result f32) local.get 0").invokeExact(-1.5f));
        assertEquals(-2.5, (double) handle("(param f64) (result f64) local.get 0").invokeExact(-2.5));
        MethodHandle mixed = handle("(param i32 i64 f32 f64) (result f64) local.get 3");
        assertEquals(methodType(double.class, int.class, long.class, float.class, double.class), mixed.type());
        assertEquals(9.0, (double) mixed.invokeExact(1, 2L, 3f, 9.0));
    }

    @Test
    void handleTakesFifteenParameters() throws Throwable {
        MethodHandle last = handle("(param" + " i32".repeat(14) + " f32) (result f32) local.get 14");
        assertEquals(15, last.type().parameterCount());
        assertEquals(0.5f, (float) last.invokeExact(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 0.5f));
    }

    @Test
    void referencesAndSeveralResultsPassThrough() throws Throwable {
        MethodHandle echo = handle("(param externref) (result externref) local.get 0");
        assertEquals(methodType(Object.class, Object.class), echo.type());
        assertEquals("it", (Object) echo.invokeExact((Object) "it"));
        MethodHandle two = handle("(result i32 i64) i32.const 1 i64.const 2");
        assertArrayEquals(new Object[] {1, 2L}, (Object[]) two.invokeExact());
        MethodHandle three = handle("(param i32) (result i64 i64 i64) i64.const 1 i64.const 2 i64.const 3");
        assertArrayEquals(new Object[] {1L, 2L, 3L}, (Object[]) three.invokeExact(0));
    }

    @Test
    void methodsBecomeWasmFunctions() throws Throwable {
        Func mixed = WasmFunctions.wrap(store, method("mixed", double.class, int.class, long.class, float.class,
                double.class));
        assertEquals("(i32 i64 f32 f64) -> (f64)", mixed.type().toString());
        assertEquals(10.0, mixed.call(1, 2L, 3f, 4.0)[0]);
        assertEquals(0, WasmFunctions.wrap(store, method("nothing", void.class)).call().length);
        assertEquals(1.5f, WasmFunctions.wrap(store, method("half", float.class, float.class)).call(3f)[0]);
        Class<?>[] ints = {int.class, int.class, int.class, int.class, int.class, int.class, int.class};
        MethodHandle seven = WasmFunctions.handle(WasmFunctions.wrap(store, method("seven", int.class, ints)));
        assertEquals(seven(1, 2, 3, 4, 5, 6, 7), (int) seven.invokeExact(1, 2, 3, 4, 5, 6, 7));
        Func caller = WasmFunctions.wrap(store, method("length", String.class, Caller.class, String.class));
        assertEquals("(externref) -> (externref)", caller.type().toString());
        assertEquals("a false".replace(" ", ""), caller.call("a")[0]);
        assertEquals("on purpose", assertThrows(Exception.class,
                () -> WasmFunctions.wrap(store, method("throwing", Object.class)).call()).getMessage());
    }

    @Test
    void rejectsPrimitivesThatWasmLacks() {
        MethodHandle parse = assertFound();
        assertThrows(IllegalArgumentException.class, () -> WasmFunctions.wrap(store, parse));
    }

    private static MethodHandle assertFound() {
        try {
            return LOOKUP.findStatic(Boolean.class, "parseBoolean", MethodType.methodType(boolean.class, String.class));
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void typedFunctionsTakeReferences() {
        Object object = new Object();
        Func echo = WasmFunctions.wrap(store, WasmValType.EXTERNREF, WasmValType.I32, WasmValType.EXTERNREF,
                (it, n) -> n == 1 ? it : null);
        assertSame(object, WasmFunctions.func(echo, WasmValType.EXTERNREF, WasmValType.I32, WasmValType.EXTERNREF)
                .call(object, 1));
        Object[] seen = new Object[1];
        Func see = WasmFunctions.wrap(store, WasmValType.EXTERNREF, it -> seen[0] = it);
        WasmFunctions.consumer(see, WasmValType.EXTERNREF).accept(object);
        assertSame(object, seen[0]);
        assertThrows(IllegalArgumentException.class, () -> WasmFunctions.consumer(see, WasmValType.FUNCREF));
    }
}
