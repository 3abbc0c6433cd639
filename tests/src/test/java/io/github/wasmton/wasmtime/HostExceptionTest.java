package io.github.wasmton.wasmtime;

import static io.github.wasmton.wasmtime.WasmValType.I32;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.util.stream.Stream;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import io.github.wasmton.testing.StoreAndLinker;
import io.github.wasmton.testing.Wasm;

/** Promise: a Java exception thrown by a host function comes out of the call as the same object. */
class HostExceptionTest extends StoreAndLinker {
    private static final String CALLS_HOST = """
            (module
              (import "host" "f" (func $f))
              (func (export "f") (call $f))
              (func (export "deep") (param $n i32)
                (if (local.get $n)
                  (then (call 2 (i32.sub (local.get $n) (i32.const 1))))
                  (else (call $f)))))""";

    private Throwable toThrow;

    @BeforeEach
    void open() {
        linker.define("host", "f", Extern.fromFunc(WasmFunctions.wrap(store, () -> {
            if (toThrow != null) {
                sneak(toThrow);
            }
        })));
    }

    /** Throws a checked exception without declaring it, as Kotlin and Lombok do. */
    @SuppressWarnings("unchecked")
    private static <T extends Throwable> void sneak(Throwable thrown) throws T {
        throw (T) thrown;
    }

    static Stream<Throwable> throwables() {
        class OwnThrowable extends Throwable {
            private static final long serialVersionUID = 1L;
        }
        return Stream.of(new IllegalArgumentException("with a message", new Exception("and a cause")),
                new RuntimeException((String) null), new NullPointerException(), new IOException("checked"),
                new InterruptedException(), new Exception(), new Error("an error"), new StackOverflowError(),
                new OutOfMemoryError("pretended"), new AssertionError(), new LinkageError(),
                new IllegalStateException("the Store is closed"), new OwnThrowable(),
                new TrapException("of the host's own"), new ExitException(3));
    }

    @ParameterizedTest
    @MethodSource("throwables")
    void exceptionComesOutOfACallAsTheSameObject(Throwable thrown) {
        toThrow = thrown;
        Instance instance = Wasm.instantiate(linker, CALLS_HOST);
        assertSame(thrown, assertThrows(Throwable.class, WasmFunctions.consumer(instance.getFunc("f"))::accept));
        var deep = WasmFunctions.consumer(instance.getFunc("deep"), I32);
        assertSame(thrown, assertThrows(Throwable.class, () -> deep.accept(500)));
        Func host = linker.getOneByName("host", "f").func();
        assertSame(thrown, assertThrows(Throwable.class, WasmFunctions.consumer(host)::accept));
        toThrow = null;
        deep.accept(500);
    }

    @ParameterizedTest
    @MethodSource("throwables")
    void exceptionComesOutOfAStartFunctionAsTheSameObject(Throwable thrown) {
        toThrow = thrown;
        assertSame(thrown, assertThrows(Throwable.class, () -> Wasm.instantiate(linker,
                "(module (import \"host\" \"f\" (func $f)) (start $f))")));
        assertSame(thrown, assertThrows(Throwable.class, () -> Wasm.module(linker, "m",
                "(module (import \"host\" \"f\" (func $f)) (start $f))")));
        assertSame(thrown, assertThrows(Throwable.class, () -> Wasm.module(linker, "n",
                "(module (import \"host\" \"f\" (func $f)) (func (export \"_initialize\") (call $f)))")));
        Wasm.module(linker, "command",
                "(module (import \"host\" \"f\" (func $f)) (func (export \"_start\") (call $f)))");
        assertSame(thrown, assertThrows(Throwable.class,
                WasmFunctions.consumer(linker.getOneByName("command", "_start").func())::accept));
    }

    @Test
    void exceptionPassesNestedWasmAsTheSameObject() {
        toThrow = new IOException("from the innermost");
        Instance inner = Wasm.instantiate(linker, CALLS_HOST);
        var callInner = WasmFunctions.consumer(inner.getFunc("f"));
        try (Linker outerLinker = new Linker(store)) {
            outerLinker.define("host", "f", Extern.fromFunc(WasmFunctions.wrap(store, callInner::accept)));
            Instance outer = Wasm.instantiate(outerLinker, CALLS_HOST);
            assertSame(toThrow,
                    assertThrows(Throwable.class, WasmFunctions.consumer(outer.getFunc("f"))::accept));
        }
    }

    @Test
    void trapBelowAHostFunctionStaysTheSameObject() {
        var trap = WasmFunctions.consumer(Wasm.instantiate(store, "(module (func (export \"f\") unreachable))")
                .getFunc("f"));
        TrapException[] seen = new TrapException[1];
        try (Linker outerLinker = new Linker(store)) {
            outerLinker.define("host", "f", Extern.fromFunc(WasmFunctions.wrap(store, () -> {
                seen[0] = assertThrows(TrapException.class, trap::accept);
                throw seen[0];
            })));
            Instance outer = Wasm.instantiate(outerLinker, CALLS_HOST);
            TrapException thrown = assertThrows(TrapException.class,
                    WasmFunctions.consumer(outer.getFunc("f"))::accept);
            assertEquals(TrapCode.UNREACHABLE_CODE_REACHED, thrown.code());
            assertSame(seen[0], thrown);
        }
    }

    @Test
    void caughtExceptionHasNoEffect() {
        var trap = WasmFunctions.consumer(Wasm.instantiate(store, "(module (func (export \"f\") unreachable))")
                .getFunc("f"));
        int[] caught = new int[1];
        try (Linker outerLinker = new Linker(store)) {
            outerLinker.define("host", "f", Extern.fromFunc(WasmFunctions.wrap(store, () -> {
                assertThrows(TrapException.class, trap::accept);
                caught[0]++;
            })));
            var f = WasmFunctions.consumer(Wasm.instantiate(outerLinker, CALLS_HOST).getFunc("f"));
            f.accept();
            f.accept();
        }
        assertEquals(2, caught[0]);
    }

    /**
     * Checks that references to exceptions do not accumulate in a call, since a guest may provoke any number of them.
     */
    @Test
    void exceptionsOfALongCallAreFreed() {
        Func throwing = linker.getOneByName("host", "f").func();
        toThrow = new RuntimeException("again");
        Linker outerLinker = new Linker(store);
        outerLinker.define("host", "f", Extern.fromFunc(WasmFunctions.wrap(store, () -> {
            assertSame(toThrow, assertThrows(RuntimeException.class, WasmFunctions.consumer(throwing)::accept));
        })));
        var many = WasmFunctions.consumer(Wasm.instantiate(outerLinker, """
                (module
                  (import "host" "f" (func $f))
                  (func (export "many") (local $n i32)
                    (loop $next
                      (call $f)
                      (local.set $n (i32.add (local.get $n) (i32.const 1)))
                      (br_if $next (i32.lt_u (local.get $n) (i32.const 5000))))))""").getFunc("many"));
        many.accept();
        outerLinker.close();
    }
}
