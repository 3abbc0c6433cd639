package io.github.wasmton.wasmtime;

import static io.github.wasmton.wasmtime.WasmValType.EXTERNREF;
import static io.github.wasmton.wasmtime.WasmValType.F64;
import static io.github.wasmton.wasmtime.WasmValType.FUNCREF;
import static io.github.wasmton.wasmtime.WasmValType.I32;
import static io.github.wasmton.wasmtime.WasmValType.I64;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.ref.WeakReference;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Phaser;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import io.github.wasmton.testing.Await;
import io.github.wasmton.testing.OnThread;

/** Promise: Java functions can be linked once, and be called in many Stores. */
class HostFuncTest {
    private static final String GUEST = """
            (module
              (import "host" "plain" (func $plain (param i32) (result i32)))
              (import "host" "many" (func $many (param i32 i32 i32 i32 f64) (result f64)))
              (import "host" "any" (func $any (param i64 externref) (result externref i64)))
              (memory (export "memory") 1)
              (func (export "plain") (param i32) (result i32) (call $plain (local.get 0)))
              (func (export "many") (param f64) (result f64)
                (call $many (i32.const 1) (i32.const 2) (i32.const 3) (i32.const 4) (local.get 0)))
              (func (export "any") (param i64 externref) (result externref i64)
                (call $any (local.get 0) (local.get 1))))""";

    private final Engine engine = new Engine();
    private final Store linking = new Store(engine);
    private final Linker linker = new Linker(linking);

    @AfterEach
    void close() {
        linker.close();
        linking.close();
        engine.close();
    }

    private static double sum(int a, int b, int c, int d, double e) {
        return a + b + c + d + e;
    }

    /** Defines the functions of {@link #GUEST}: one for each way in which values cross. */
    private InstancePre link(Module module) throws ReflectiveOperationException {
        linker.define("host", "plain", WasmFunctions.wrap(I32, I32, n -> n + 1));
        linker.define("host", "many", HostFunc.of(MethodHandles.lookup().findStatic(HostFuncTest.class, "sum",
                MethodType.methodType(double.class, int.class, int.class, int.class, int.class, double.class))));
        linker.define("host", "any", new HostFunc(new FuncType(List.of(I64, EXTERNREF), List.of(EXTERNREF, I64)),
                (caller, args) -> new Object[] {caller.store(), args[0]}));
        return linker.instantiatePre(module);
    }

    private static void check(Store store, Instance instance) {
        assertEquals(42, WasmFunctions.func(instance.getFunc("plain"), I32, I32).call(41));
        assertEquals(10.5, WasmFunctions.func(instance.getFunc("many"), F64, F64).call(0.5));
        Object[] results = instance.getFunc("any").call(7L, "x");
        assertSame(store, results[0]);
        assertEquals(7L, results[1]);
    }

    @Test
    void linkedFunctionsAreCalledInManyStores() throws Exception {
        try (Module module = Module.fromWat(engine, GUEST); InstancePre linked = link(module)) {
            for (int i = 0; i < 20; i++) {
                try (Store store = new Store(engine)) {
                    check(store, linked.instantiate(store));
                }
            }
            check(linking, linked.instantiate());
            check(linking, linker.instantiate(module));
        }
    }

    @Test
    void functionsOutliveTheirLinker() throws Exception {
        try (Store store = new Store(engine); Module module = Module.fromWat(engine, GUEST)) {
            Instance instance;
            try (InstancePre linked = link(module)) {
                linker.close();
                linking.close();
                System.gc();
                instance = linked.instantiate(store);
            }
            System.gc();
            check(store, instance);
        }
    }

    @Test
    void threadsCallTheSameFunctionAtATime() {
        Phaser both = new Phaser(2);
        linker.define("host", "f", WasmFunctions.wrap(() -> awaitOther(both)));
        try (Module module = Module.fromWat(engine, "(module (import \"host\" \"f\" (func $f)) (func (export \"g\") "
                + "(call $f)))"); InstancePre linked = linker.instantiatePre(module)) {
            List<OnThread> threads = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                threads.add(OnThread.start("caller " + i, () -> {
                    try (Store store = new Store(engine)) {
                        WasmFunctions.consumer(linked.instantiate(store).getFunc("g")).accept();
                    }
                }));
            }
            threads.forEach(OnThread::join);
        }
    }

    private static void awaitOther(Phaser both) {
        try {
            both.awaitAdvanceInterruptibly(both.arrive(), Await.LIMIT.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException | TimeoutException e) {
            throw new AssertionError("the other thread did not come", e);
        }
    }

    /** Uses what only a Store has: its data, the memory of its caller, a Func of its own. */
    @Test
    void functionFindsTheStoreThatItIsCalledIn() {
        linker.define("host", "self", new HostFunc(new FuncType(List.of(FUNCREF), List.of(FUNCREF)), (caller, args) -> {
            int n = caller.store().data(Integer.class);
            caller.getExport("memory").orElseThrow().memory().putInt(0, n);
            assertEquals(n, ((Func) args[0]).call(n - 1)[0]);
            return new Object[] {WasmFunctions.wrap(caller.store(), I32, () -> n)};
        }));
        try (Module module = Module.fromWat(engine, """
                (module
                  (type $number (func (result i32)))
                  (import "host" "self" (func $self (param funcref) (result funcref)))
                  (memory (export "memory") 1)
                  (table $funcs 1 funcref)
                  (func $increment (export "increment") (param i32) (result i32)
                    (i32.add (local.get 0) (i32.const 1)))
                  (func (export "run") (result i32)
                    (table.set $funcs (i32.const 0) (call $self (ref.func $increment)))
                    (i32.add (i32.load (i32.const 0)) (call_indirect (type $number) (i32.const 0)))))""");
             InstancePre linked = linker.instantiatePre(module)) {
            for (int i = 0; i < 5; i++) {
                try (Store store = new Store(engine, i)) {
                    assertEquals(2 * i, WasmFunctions.func(linked.instantiate(store).getFunc("run"), I32).call());
                }
            }
        }
    }

    @Test
    void exceptionsOfItsOwnAndOfWasmComeOutOfTheCall() {
        RuntimeException own = new IllegalArgumentException("on purpose");
        AtomicReference<RuntimeException> next = new AtomicReference<>(own);
        linker.define("host", "f", WasmFunctions.wrap(I32, () -> {
            throw next.get();
        }));
        try (Store store = new Store(engine); Module module = Module.fromWat(engine, """
                (module
                  (import "host" "f" (func $f (result i32)))
                  (func (export "g") (result i32) (call $f)))"""); InstancePre linked = linker.instantiatePre(module)) {
            WasmFunctions.Function0<Integer> call = WasmFunctions.func(linked.instantiate(store).getFunc("g"), I32);
            assertSame(own, assertThrows(IllegalArgumentException.class, call::call));
            ExitException exit = new ExitException(3);
            next.set(exit);
            assertSame(exit, assertThrows(ExitException.class, call::call));
            TrapException trap = new TrapException("enough");
            next.set(trap);
            assertSame(trap, assertThrows(TrapException.class, call::call));
        }
    }

    /** Calls by {@link Linker#get} and by modules that a Linker instantiates. */
    @Test
    void linkerGivesTheFunctionToItsStore() throws Exception {
        try (Module module = Module.fromWat(engine, GUEST)) {
            link(module).close();
            assertEquals(6, WasmFunctions.func(linker.getOneByName("host", "plain").func(), I32, I32).call(5));
            linker.module("m", module);
            assertEquals(8, WasmFunctions.func(linker.getOneByName("m", "plain").func(), I32, I32).call(7));
            linker.alias("host", "plain", "host", "other");
            linker.allowShadowing(true).define("host", "plain", WasmFunctions.wrap(I32, I32, n -> -n));
            assertEquals(-5, WasmFunctions.func(linker.getOneByName("host", "plain").func(), I32, I32).call(5));
            assertEquals(6, WasmFunctions.func(linker.getOneByName("host", "other").func(), I32, I32).call(5));
        }
    }

    @Test
    void linkingIsRefusedAsForFuncs() {
        linker.define("host", "f", WasmFunctions.wrap(I32, I32, n -> n));
        assertThrows(WasmtimeException.class, () -> linker.define("host", "f", WasmFunctions.wrap(I32, I32, n -> n)));
        try (Module module = Module.fromWat(engine, "(module (import \"host\" \"f\" (func)))")) {
            assertThrows(WasmtimeException.class, () -> linker.instantiatePre(module));
        }
        linker.close();
        assertThrows(IllegalStateException.class,
                () -> linker.define("host", "g", WasmFunctions.wrap(I32, I32, n -> n)));
    }

    @Test
    void typeIsThatOfTheFunction() {
        FuncType type = new FuncType(List.of(I32), List.of(I64));
        assertEquals(type, WasmFunctions.wrap(I32, I64, n -> (long) n).type());
        assertEquals(type, new HostFunc(type, (caller, args) -> args).type());
    }

    /** A closed Store lets go of the functions though a buffer keeps its memory: else the two would keep each other. */
    @Test
    void functionThatRefersToABufferIsCollected() throws Exception {
        AtomicReference<ByteBuffer> kept = new AtomicReference<>();
        WeakReference<AtomicReference<ByteBuffer>> seen = new WeakReference<>(kept);
        fill(kept);
        kept = null;
        Await.until("the function and the buffer are collected", () -> {
            System.gc();
            return seen.get() == null;
        });
    }

    private void fill(AtomicReference<ByteBuffer> kept) {
        String guest = "(module (import \"host\" \"f\" (func)) (memory (export \"m\") 1))";
        try (Store own = new Store(engine); Linker its = new Linker(own);
             Module module = Module.fromWat(engine, guest)) {
            its.define("host", "f", WasmFunctions.wrap(() -> assertNull(kept.get())));
            try (InstancePre linked = its.instantiatePre(module); Store store = new Store(engine)) {
                kept.set(linked.instantiate(store).getMemory("m").buffer());
            }
        }
    }

    /** The object Store is in use during a call, though no Java code may refer to it any more. */
    @Test
    void storeIsThereDuringACallOfAForgottenStore() {
        linker.define("host", "f", new HostFunc(new FuncType(List.of(), List.of()), (caller, args) -> {
            System.gc();
            caller.store().lastRefusal();
            return null;
        }));
        try (Module module = Module.fromWat(engine, "(module (import \"host\" \"f\" (func $f)) (func (export \"g\") "
                + "(call $f)))"); InstancePre linked = linker.instantiatePre(module)) {
            for (int i = 0; i < 200; i++) {
                linked.instantiate(new Store(engine)).getFunc("g").call();
            }
        }
    }
}
