package io.github.wasmton.wasmtime;

import static io.github.wasmton.wasmtime.WasmValType.EXTERNREF;
import static io.github.wasmton.wasmtime.WasmValType.F32;
import static io.github.wasmton.wasmtime.WasmValType.F64;
import static io.github.wasmton.wasmtime.WasmValType.FUNCREF;
import static io.github.wasmton.wasmtime.WasmValType.I32;
import static io.github.wasmton.wasmtime.WasmValType.I64;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.ref.WeakReference;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import io.github.wasmton.testing.Await;
import io.github.wasmton.testing.Wasm;

/** Promise: Java can catch what wasm throws and vice versa, without any loss. */
class WasmExceptionTest {
    private static final String GUEST = """
            (module $guest
              (import "host" "tag" (tag $t (param i32 externref)))
              (import "host" "f" (func $f))
              (tag $own (export "own") (param i64 f32 f64 v128 funcref))
              (func $throw (export "throw") (param i32 externref)
                (throw $t (local.get 0) (local.get 1)))
              (func (export "throw_own")
                (throw $own (i64.const -1) (f32.const 1.5) (f64.const 2.5) (v128.const i64x2 3 4) (ref.func $throw)))
              (func (export "catch") (result i32 externref)
                (block $caught (result i32 externref)
                  (try_table (catch $t $caught) (call $f))
                  (i32.const -1) (ref.null extern)))
              (func (export "catch_all") (result i32)
                (block $caught
                  (try_table (catch_all $caught) (call $f))
                  (return (i32.const 0)))
                (i32.const 1))
              (func (export "catch_again")
                (local $e exnref)
                (block $caught (result exnref)
                  (try_table (catch_all_ref $caught) (call $f))
                  (return))
                (throw_ref))
              (func (export "pass") (call $f))
              (func (export "seven") (result i32) (i32.const 7)))""";

    private Store store;
    private Tag tag;
    private Instance guest;
    /** The body of the host function. */
    private Runnable host = () -> {};

    @BeforeEach
    void open() {
        store = new Store();
        tag = new Tag(store, TagType.of(I32, EXTERNREF));
        guest = instantiate(WasmFunctions.wrap(store, () -> host.run()));
    }

    private Instance instantiate(Func function) {
        try (Linker linker = new Linker(store)) {
            linker.define("host", "tag", Extern.fromTag(tag));
            linker.define("host", "f", Extern.fromFunc(function));
            return Wasm.instantiate(linker, GUEST);
        }
    }

    @AfterEach
    void close() {
        store.close();
    }

    private WasmException thrownBy(String function, Object... args) {
        Func func = guest.getFunc(function);
        return assertThrows(WasmException.class, () -> func.call(args));
    }

    @Test
    void uncaughtExceptionComesOutWithItsTagAndValues() {
        Object object = new Object();
        WasmException e = thrownBy("throw", 5, object);
        assertEquals(tag, e.tag());
        assertEquals(List.of(5, object), e.values());
        assertEquals(Arrays.asList(6, null), thrownBy("throw", 6, null).values());
        assertArrayEquals(new Object[] {7}, guest.getFunc("seven").call());
    }

    @Test
    void carriesValuesOfAnyType() {
        WasmException e = thrownBy("throw_own");
        assertEquals(guest.getExport("own").orElseThrow().tag(), e.tag());
        assertNotEquals(tag, e.tag());
        assertEquals(List.of(-1L, 1.5f, 2.5, new V128(3, 4), guest.getFunc("throw")), e.values());
        assertEquals("wasm exception that carries [i64, f32, f64, v128, funcref]", e.getMessage());
    }

    @Test
    void typedCallsAndHandlesThrowItToo() throws Throwable {
        var consumer = WasmFunctions.consumer(guest.getFunc("throw"), I32, EXTERNREF);
        assertEquals(tag, assertThrows(WasmException.class, () -> consumer.accept(1, "x")).tag());
        host = () -> guest.getFunc("throw").call(2, "y");
        var plain = WasmFunctions.consumer(guest.getFunc("pass"));
        assertEquals(List.of(2, "y"), assertThrows(WasmException.class, plain::accept).values());
    }

    @Test
    void startFunctionCanThrow() {
        assertEquals(List.of(3), assertThrows(WasmException.class, () -> Wasm.instantiate(store, """
                (module (tag $t (param i32)) (func $f (throw $t (i32.const 3))) (start $f))""")).values());
    }

    static Stream<String> waysToWrap() {
        return Stream.of("typed", "handle", "any");
    }

    @ParameterizedTest
    @MethodSource("waysToWrap")
    void wasmCatchesTheExceptionOfAHostFunction(String way) throws Exception {
        Func function = switch (way) {
            case "typed" -> WasmFunctions.wrap(store, () -> host.run());
            case "handle" -> WasmFunctions.wrap(store, MethodHandles.lookup()
                    .findVirtual(Runnable.class, "run", MethodType.methodType(void.class))
                    .bindTo((Runnable) () -> host.run()));
            default -> new Func(store, new FuncType(List.of(), List.of()), (caller, args) -> {
                host.run();
                return null;
            });
        };
        Instance catching = instantiate(function);
        assertArrayEquals(new Object[] {-1, null}, catching.getFunc("catch").call());
        Object object = new Object();
        host = () -> {
            throw new WasmException(tag, 8, object);
        };
        assertArrayEquals(new Object[] {8, object}, catching.getFunc("catch").call());
        assertArrayEquals(new Object[] {1}, catching.getFunc("catch_all").call());
    }

    @ParameterizedTest
    @MethodSource("functionsThatDoNotCatch")
    void uncaughtExceptionStaysTheSameObject(String function) {
        WasmException thrown = new WasmException(tag, 1, null);
        host = () -> {
            throw thrown;
        };
        for (int i = 0; i < 3; i++) {
            assertSame(thrown, thrownBy(function));
        }
    }

    static Stream<String> functionsThatDoNotCatch() {
        return Stream.of("pass", "catch_again");
    }

    @Test
    void wasmCatchesByTagAndNotByType() {
        WasmException other = new WasmException(new Tag(store, TagType.of(I32, EXTERNREF)), 1, null);
        host = () -> {
            throw other;
        };
        assertSame(other, thrownBy("catch"));
        assertArrayEquals(new Object[] {1}, guest.getFunc("catch_all").call());
    }

    @Test
    void otherExceptionsBypassWasmsHandlers() {
        RuntimeException plain = new IllegalStateException("plain");
        host = () -> {
            throw plain;
        };
        assertSame(plain, assertThrows(RuntimeException.class, () -> guest.getFunc("catch_all").call()));
        try (Store elsewhere = new Store()) {
            WasmException foreign = new WasmException(new Tag(elsewhere, TagType.of(I32)), 1);
            host = () -> {
                throw foreign;
            };
            assertSame(foreign, thrownBy("catch_all"));
        }
    }

    @Test
    void passesThroughWasmJavaAndWasm() {
        host = () -> {
            host = () -> {};
            guest.getFunc("throw").call(4, "through");
        };
        assertArrayEquals(new Object[] {4, "through"}, guest.getFunc("catch").call());
    }

    @Test
    void hostFunctionCanCatchAndContinue() {
        host = () -> assertEquals(List.of(4, "caught"), thrownBy("throw", 4, "caught").values());
        assertArrayEquals(new Object[] {-1, null}, guest.getFunc("catch").call());
    }

    @Test
    void storeClosedDuringTheCallStillThrows() {
        host = () -> {
            store.close();
            throw new WasmException(tag, 1, null);
        };
        assertThrows(WasmException.class, () -> guest.getFunc("pass").call());
        assertThrows(IllegalStateException.class, () -> guest.getFunc("pass").call());
    }

    @Test
    void rejectsValuesOfOtherTypes() {
        assertThrows(IllegalArgumentException.class, () -> new WasmException(tag));
        assertThrows(IllegalArgumentException.class, () -> new WasmException(tag, 1L, null));
        assertThrows(IllegalArgumentException.class, () -> new WasmException(tag, 1, null, null));
        Tag functions = new Tag(store, TagType.of(FUNCREF));
        try (Store elsewhere = new Store()) {
            Func foreign = WasmFunctions.wrap(elsewhere, () -> {});
            assertThrows(IllegalArgumentException.class, () -> new WasmException(functions, foreign));
        }
    }

    @Test
    void stackTraceShowsWasmFrames() {
        WasmException e = thrownBy("throw", 1, null);
        assertTrue(Arrays.stream(e.getStackTrace()).anyMatch(it -> it.getClassName().equals("wasm.guest")
                && it.getMethodName().equals("throw")), () -> Arrays.toString(e.getStackTrace()));
    }

    @Test
    void finishedExceptionsAreCollected() throws Exception {
        WeakReference<WasmException> caught = new WeakReference<>(throwCaught());
        Await.until("the exception is collected", () -> {
            System.gc();
            return caught.get() == null;
        });
    }

    private WasmException throwCaught() {
        WasmException thrown = new WasmException(tag, 1, new byte[100]);
        host = () -> {
            throw thrown;
        };
        guest.getFunc("catch").call();
        host = () -> {};
        return thrown;
    }

    /** Throws a million exceptions of 100 B, which are objects of wasm's collector: together they would not fit. */
    @Test
    void endlessExceptionsTakeBoundedMemory() {
        Store limited = store;
        limited.limits(StoreLimits.DEFAULT.withMemorySize(1 << 20));
        WasmException thrown = new WasmException(tag, 1, null);
        host = () -> {
            throw thrown;
        };
        Func catching = guest.getFunc("catch_all");
        for (int i = 0; i < 30_000; i++) {
            catching.call();
        }
        assertThrows(WasmException.class, () -> guest.getFunc("pass").call());
    }

    @Test
    void legacyExceptionsAreRefused() {
        assertThrows(WasmtimeException.class,
                () -> Wasm.instantiate(store, "(module (tag $t) (func (try (do (nop)) (catch $t))))"));
    }
}
