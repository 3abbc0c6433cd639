package io.github.wasmton.wasmtime;

import static io.github.wasmton.wasmtime.WasmValType.I32;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicReference;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import io.github.wasmton.testing.OnThread;
import io.github.wasmton.testing.StoreAndLinker;
import io.github.wasmton.testing.Wasm;

/** Promise: a host function may use the Store that it was called from, in any way. */
class ReentryTest extends StoreAndLinker {
    private static final String GUEST = """
            (module
              (import "host" "f" (func $f (param i32) (result i32)))
              (memory (export "memory") 1 10)
              (func (export "call") (param i32) (result i32) (call $f (local.get 0)))
              (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
              (func (export "load_after") (param $address i32) (result i32)
                (drop (call $f (i32.const 0)))
                (i32.load8_u (local.get $address))))""";

    /** The body of the host function. */
    private WasmFunctions.Function1<Integer, Integer> body;
    private Instance guest;
    private WasmFunctions.Function1<Integer, Integer> call;

    @BeforeEach
    void instantiate() {
        linker.define("host", "f", Extern.fromFunc(WasmFunctions.wrap(store, I32, I32, n -> body.call(n))));
        guest = Wasm.instantiate(linker, GUEST);
        call = WasmFunctions.func(guest.getFunc("call"), I32, I32);
    }

    @Test
    void hostAndWasmCallEachOtherRecursively() {
        body = n -> n == 0 ? 0 : n + call.call(n - 1);
        assertEquals(30 * 31 / 2, call.call(30));
    }

    @Test
    void hostFunctionCallsAnotherFunctionOfItsStore() {
        var add = WasmFunctions.func(guest.getFunc("add"), I32, I32, I32);
        body = n -> add.call(n, 40);
        assertEquals(42, call.call(2));
    }

    @Test
    void hostFunctionCreatesFunctionsInstancesAndLinkers() {
        body = n -> {
            try (Linker inner = new Linker(store)) {
                inner.define("host", "f", Extern.fromFunc(WasmFunctions.wrap(store, I32, I32, m -> 10 * m)));
                Wasm.module(inner, "inner", GUEST);
                return WasmFunctions.func(inner.getOneByName("inner", "call").func(), I32, I32).call(n);
            }
        };
        for (int i = 0; i < 10; i++) {
            assertEquals(10 * i, call.call(i));
        }
    }

    @Test
    void hostFunctionGrowsAndReadsTheMemoryOfItsCaller() {
        Memory memory = guest.getMemory("memory");
        ByteBuffer before = memory.buffer();
        body = n -> {
            assertEquals(1, memory.grow(2));
            memory.buffer().put(150_000, (byte) 77);
            before.put(5, (byte) 78);
            return 0;
        };
        assertEquals(77, WasmFunctions.func(guest.getFunc("load_after"), I32, I32).call(150_000));
        body = n -> 0;
        assertEquals(78, WasmFunctions.func(guest.getFunc("load_after"), I32, I32).call(5));
    }

    @Test
    void storeClosedByAHostFunctionEndsAfterTheCall() {
        body = n -> {
            store.close();
            assertEquals("the Store is closed",
                    assertThrows(IllegalStateException.class, () -> call.call(0)).getMessage());
            assertThrows(IllegalStateException.class, () -> guest.getMemory("memory").buffer());
            assertThrows(IllegalStateException.class, () -> WasmFunctions.wrap(store, () -> {}));
            return n + 1;
        };
        assertEquals(8, call.call(7), "wasm that is running runs on");
        assertThrows(IllegalStateException.class, () -> call.call(7));
    }

    @Test
    void hostFunctionMayCloseItsStoreAndThrow() {
        RuntimeException thrown = new RuntimeException("after closing");
        body = n -> {
            store.close();
            throw thrown;
        };
        assertSame(thrown, assertThrows(RuntimeException.class, () -> call.call(7)));
        assertThrows(IllegalStateException.class, () -> call.call(7));
    }

    @Test
    void nestedHostFunctionClosesTheStoreOfAllCalls() {
        body = n -> {
            if (n > 0) {
                return call.call(n - 1) + 1;
            }
            store.close();
            return 0;
        };
        assertEquals(30, call.call(30));
        assertThrows(IllegalStateException.class, () -> call.call(0));
    }

    @Test
    void bufferOutlivesAStoreClosedByAHostFunction() {
        AtomicReference<ByteBuffer> buffer = new AtomicReference<>();
        Memory memory = guest.getMemory("memory");
        body = n -> {
            buffer.set(memory.buffer());
            store.close();
            buffer.get().put(9, (byte) 9);
            return 0;
        };
        assertEquals(9, WasmFunctions.func(guest.getFunc("load_after"), I32, I32).call(9));
        assertEquals(9, buffer.get().get(9));
        buffer.get().put(65535, (byte) 1);
    }

    @Test
    void hostFunctionClosesLinkerModuleAndEngine() {
        Engine engine = store.engine();
        Module module = Module.fromWat(engine, GUEST);
        WasmFunctions.func(linker.instantiate(module).getFunc("add"), I32, I32, I32);
        body = n -> {
            linker.close();
            module.close();
            engine.close();
            return n;
        };
        assertEquals(1, call.call(1));
        assertEquals(2, call.call(2));
    }

    @Test
    void hostFunctionCannotUseTheLinkerThatIsInstantiating() {
        body = n -> {
            linker.define("x", "y", Extern.fromFunc(WasmFunctions.wrap(store, () -> {})));
            return 0;
        };
        String starts = """
                (module
                  (import "host" "f" (func $f (param i32) (result i32)))
                  (func (export "_initialize") (drop (call $f (i32.const 0)))))""";
        IllegalStateException e = assertThrows(IllegalStateException.class, () -> Wasm.module(linker, "m", starts));
        assertTrue(e.getMessage().startsWith("the Linker is in use"), e.getMessage());
        body = n -> linker.get("host", "g").isPresent() ? 1 : 0;
        assertThrows(IllegalStateException.class, () -> Wasm.module(linker, "n", starts));
        body = n -> 0;
        Wasm.module(linker, "o", starts);
        assertEquals(0, call.call(1), "the Linker and the Store go on");
    }

    @Test
    void hostFunctionClosesTheLinkerThatIsInstantiating() {
        body = n -> {
            linker.close();
            return 0;
        };
        Wasm.module(linker, "m", """
                (module
                  (import "host" "f" (func $f (param i32) (result i32)))
                  (func (export "_initialize") (drop (call $f (i32.const 0)))))""");
        assertThrows(IllegalStateException.class, () -> linker.get("host", "f"));
        assertEquals(0, call.call(1));
    }

    @Test
    void startFunctionUsesTheLinkerOfInstantiate() {
        body = n -> {
            linker.define("x", "y", Extern.fromFunc(WasmFunctions.wrap(store, () -> {})));
            return 0;
        };
        Wasm.instantiate(linker, """
                (module
                  (import "host" "f" (func $f (param i32) (result i32)))
                  (start $start)
                  (func $start (drop (call $f (i32.const 0)))))""");
        assertTrue(linker.get("x", "y").isPresent());
    }

    @Test
    void twoStoresCallEachOther() {
        try (Store other = new Store(); Linker itsLinker = new Linker(other)) {
            itsLinker.define("host", "f", Extern.fromFunc(WasmFunctions.wrap(other, I32, I32,
                    n -> n == 0 ? 0 : call.call(n - 1))));
            var callOther = WasmFunctions.func(Wasm.instantiate(itsLinker, GUEST).getFunc("call"), I32, I32);
            body = n -> n == 0 ? 0 : callOther.call(n - 1) + 1;
            assertEquals(15, call.call(30));
        }
    }

    @Test
    void innermostCallClosesTwoNestedStores() {
        Store other = new Store();
        Linker itsLinker = new Linker(other);
        itsLinker.define("host", "f", Extern.fromFunc(WasmFunctions.wrap(other, I32, I32, n -> {
            store.close();
            other.close();
            itsLinker.close();
            return n;
        })));
        var callOther = WasmFunctions.func(Wasm.instantiate(itsLinker, GUEST).getFunc("call"), I32, I32);
        body = callOther::call;
        assertEquals(5, call.call(5));
        assertThrows(IllegalStateException.class, () -> call.call(5));
        assertThrows(IllegalStateException.class, () -> callOther.call(5));
    }

    @Test
    void hostFunctionCannotLendItsStoreToAnotherThread() {
        body = n -> {
            Throwable thrown = OnThread.catching(0, () -> call.call(1));
            assertEquals(IllegalStateException.class, thrown.getClass());
            return n;
        };
        assertEquals(3, call.call(3));
    }
}
