package io.github.wasmton.wasmtime.component;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import io.github.wasmton.testing.Await;
import io.github.wasmton.testing.Threads;
import io.github.wasmton.wasmtime.Config;
import io.github.wasmton.wasmtime.Engine;
import io.github.wasmton.wasmtime.Store;
import io.github.wasmton.wasmtime.TrapCode;
import io.github.wasmton.wasmtime.TrapException;
import io.github.wasmton.wasmtime.WasmFeature;
import io.github.wasmton.wasmtime.wasi.Wasi;
import io.github.wasmton.wasmtime.wasi.WasiConfig;

/** Calls whose callers do not wait run concurrently, and end as others do. */
class ComponentCallAsyncTest {
    private final Engine engine = new Engine(new Config().epochTick(Duration.ofMillis(1))
            .wasmFeature(WasmFeature.COMPONENT_MODEL_ASYNC, true));
    private final Component waiter = Component.fromWat(engine, AsyncWat.WAITER);
    private final Store store = new Store(engine);
    /** The answers of host functions that components wait for, by the number they asked for. */
    private final Map<Long, CompletableFuture<Object>> asked = new ConcurrentHashMap<>();

    @AfterEach
    void close() {
        store.close();
        waiter.close();
        engine.close();
    }

    private ComponentInstance instance(ComponentLinker.HostFunction host) {
        return new ComponentLinker().define("host", host).instantiate(store, waiter);
    }

    private ComponentInstance asking() {
        return instance(args -> asked.computeIfAbsent((Long) args[0], any -> new CompletableFuture<>()));
    }

    private CompletableFuture<Object> asked(long value) throws Exception {
        Await.until("the host function is called with " + value, () -> asked.containsKey(value));
        return asked.get(value);
    }

    private static Throwable failureOf(CompletableFuture<?> future) {
        return assertThrows(ExecutionException.class, () -> Await.result("the call's end", future)).getCause();
    }

    @Test
    void aCallWaitsForAStageOfAHostFunction() throws Exception {
        ComponentFunc wait = asking().getFunc("wait");
        CompletableFuture<Object> result = wait.callAsync(5);
        asked(5).complete(7L);
        assertEquals(7L, result.join());
        asked.put(6L, CompletableFuture.completedFuture(8L));
        assertEquals(8L, wait.callAsync(6).join());
        assertEquals(8L, wait.call(6));
    }

    @Test
    void aSynchronousCallWaitsForAStage() throws Exception {
        ComponentFunc wait = asking().getFunc("wait");
        CompletableFuture<Object> result = CompletableFuture.supplyAsync(() -> wait.call(5));
        asked(5).complete(7L);
        assertEquals(7L, Await.result("the call", result));
    }

    @Test
    void callsRunConcurrentlyInOneStore() throws Exception {
        ComponentInstance instance = asking();
        ComponentFunc wait = instance.getFunc("wait");
        CompletableFuture<Object> first = wait.callAsync(1);
        CompletableFuture<Object> second = wait.callAsync(2);
        asked(1);
        asked(2).complete(20L);
        assertEquals(20L, second.join());
        assertEquals(14L, instance.getFunc("double").callAsync(7).join());
        assertFalse(first.isDone());
        asked(1).complete(10L);
        assertEquals(10L, first.join());
    }

    @Test
    void tenThousandCallsWaitOnFewThreads() throws Exception {
        int calls = 10_000;
        ComponentFunc wait = asking().getFunc("wait");
        int before = Threads.count();
        List<CompletableFuture<Object>> results = new ArrayList<>();
        for (long i = 0; i < calls; i++) {
            results.add(wait.callAsync(i));
        }
        Await.until("all calls wait for the host", () -> asked.size() == calls);
        assertTrue(Threads.count() - before < 50, () -> Threads.count() + " threads, before " + before);
        List<Long> order = new ArrayList<>(asked.keySet());
        Collections.shuffle(order, new Random(1));
        order.forEach(value -> asked.get(value).complete(value + 1));
        for (int i = 0; i < calls; i++) {
            assertEquals(i + 1L, results.get(i).join());
        }
        assertTrue(Threads.count() - before < 50, () -> Threads.count() + " threads, before " + before);
        assertEquals(10L, wait.call(9));
    }

    @Test
    void callsRunConcurrentlyInManyStores() throws Exception {
        int stores = 500;
        List<Store> all = new ArrayList<>();
        try {
            int before = Threads.count();
            List<CompletableFuture<Object>> results = new ArrayList<>();
            for (long i = 0; i < stores; i++) {
                Store one = new Store(engine);
                all.add(one);
                results.add(new ComponentLinker().define("host",
                        args -> asked.computeIfAbsent((Long) args[0], any -> new CompletableFuture<>()))
                        .instantiate(one, waiter).getFunc("wait").callAsync(i));
            }
            Await.until("all calls wait for the host", () -> asked.size() == stores);
            assertTrue(Threads.count() - before < 50, () -> Threads.count() + " threads, before " + before);
            asked.forEach((value, answer) -> answer.complete(value + 1));
            for (int i = 0; i < stores; i++) {
                assertEquals(i + 1L, results.get(i).join());
            }
        } finally {
            all.forEach(Store::close);
        }
    }

    @Test
    void anExceptionEndsAllCallsAsTheSameObject() throws Exception {
        ComponentFunc wait = asking().getFunc("wait");
        CompletableFuture<Object> first = wait.callAsync(1);
        CompletableFuture<Object> second = wait.callAsync(2);
        RuntimeException thrown = new RuntimeException("of the host");
        asked(1);
        // As the stages that depend on others have it.
        asked(2).completeExceptionally(new CompletionException(thrown));
        assertSame(thrown, failureOf(second));
        assertSame(thrown, failureOf(first));
        assertEquals(TrapCode.CANNOT_ENTER_COMPONENT, ((TrapException) failureOf(wait.callAsync(3))).code());
        assertEquals(TrapCode.CANNOT_ENTER_COMPONENT,
                assertThrows(TrapException.class, () -> wait.call(3)).code());
    }

    @Test
    void anExceptionThatIsThrownComesOutAsTheSameObject() throws Exception {
        RuntimeException thrown = new RuntimeException("of the host");
        ComponentFunc wait = instance(args -> {
            throw thrown;
        }).getFunc("wait");
        assertSame(thrown, failureOf(wait.callAsync(1)));
    }

    @Test
    void aStageWithAValueOfAnotherTypeEndsTheCalls() throws Exception {
        ComponentFunc wait = asking().getFunc("wait");
        CompletableFuture<Object> result = wait.callAsync(1);
        asked(1).complete("no number");
        assertTrue(failureOf(result) instanceof IllegalArgumentException);
    }

    @Test
    void aTrapEndsAllCalls() throws Exception {
        ComponentInstance instance = asking();
        CompletableFuture<Object> waiting = instance.getFunc("wait").callAsync(1);
        asked(1);
        TrapException trap = (TrapException) failureOf(instance.getFunc("trap").callAsync());
        assertEquals(TrapCode.UNREACHABLE_CODE_REACHED, trap.code());
        assertSame(trap, failureOf(waiting));
    }

    @Test
    void closingTheStoreEndsTheCallsThatWait() throws Exception {
        ComponentFunc wait = asking().getFunc("wait");
        List<CompletableFuture<Object>> results = List.of(wait.callAsync(1), wait.callAsync(2));
        asked(1);
        asked(2);
        store.close();
        for (CompletableFuture<Object> result : results) {
            IllegalStateException closed = (IllegalStateException) failureOf(result);
            assertTrue(closed.getMessage().contains("closed"), closed.getMessage());
        }
        // Nobody waits for it any more.
        asked(1).complete(1L);
        assertThrows(IllegalStateException.class, () -> wait.callAsync(3));
    }

    @Test
    void aHostFunctionMayCloseTheStore() throws Exception {
        ComponentFunc wait = instance(args -> {
            store.close();
            return args[0];
        }).getFunc("wait");
        assertTrue(failureOf(wait.callAsync(1)) instanceof IllegalStateException);
    }

    @Test
    void aDeadlineEndsCallsThatWaitAndCallsThatCompute() throws Exception {
        ComponentInstance instance = asking();
        CompletableFuture<Object> other = instance.getFunc("wait").callAsync(1);
        CompletableFuture<Object> late = store.callWithin(Duration.ofMillis(20),
                () -> instance.getFunc("wait").callAsync(2));
        TrapException end = (TrapException) failureOf(late);
        assertEquals(TrapCode.INTERRUPT, end.code());
        assertSame(end, failureOf(other));
        try (Store another = new Store(engine)) {
            ComponentFunc loop = new ComponentLinker().define("host", args -> 1).instantiate(another, waiter)
                    .getFunc("loop");
            CompletableFuture<Object> endless = another.callWithin(Duration.ofMillis(20), () -> loop.callAsync());
            assertEquals(TrapCode.INTERRUPT, ((TrapException) failureOf(endless)).code());
        }
    }

    @Test
    void aDeadlineOfTheEpochEndsACallThatWaits() throws Exception {
        ComponentFunc wait = asking().getFunc("wait");
        store.setEpochDeadline(20);
        assertEquals(TrapCode.INTERRUPT, ((TrapException) failureOf(wait.callAsync(1))).code());
    }

    @Test
    void closingTheStoreEndsACallThatComputes() throws Exception {
        ComponentFunc loop = asking().getFunc("loop");
        CompletableFuture<Object> endless = loop.callAsync();
        store.close();
        assertTrue(failureOf(endless) instanceof IllegalStateException);
    }

    @Test
    void aCancelledCallRunsToItsEnd() throws Exception {
        ComponentFunc wait = asking().getFunc("wait");
        CompletableFuture<Object> cancelled = wait.callAsync(1);
        CompletableFuture<Object> other = wait.callAsync(2);
        asked(1);
        assertTrue(cancelled.cancel(true));
        asked(2).complete(20L);
        assertEquals(20L, other.join());
        assertThrows(IllegalStateException.class, () -> wait.call(3));
        asked(1).complete(10L);
        // The Store is free when the last call has ended.
        asked.put(3L, CompletableFuture.completedFuture(30L));
        assertEquals(30L, wait.callAsync(3).join());
        Await.until("the cancelled call has ended", () -> isFree(wait));
        assertTrue(cancelled.isCancelled());
    }

    private boolean isFree(ComponentFunc wait) {
        try {
            wait.call(3);
            return true;
        } catch (IllegalStateException e) {
            return false;
        }
    }

    @Test
    void theStoreIsBusyUntilTheLastCallHasEnded() throws Exception {
        ComponentInstance instance = asking();
        ComponentFunc wait = instance.getFunc("wait");
        ComponentFunc twice = instance.getFunc("double");
        for (long i = 0; i < 500; i++) {
            CompletableFuture<Object> result = wait.callAsync(i);
            IllegalStateException busy = assertThrows(IllegalStateException.class, () -> twice.call(1));
            assertTrue(busy.getMessage().contains("callAsync"), busy.getMessage());
            asked(i).complete(i);
            assertEquals(i, result.join());
            assertEquals(6L, twice.call(3));
        }
    }

    @Test
    void anyThreadMayBeginCallsOfAStore() throws Exception {
        ComponentFunc wait = instance(args -> CompletableFuture.completedFuture((Long) args[0] + 1)).getFunc("wait");
        CompletableFuture<Object> first = wait.callAsync(0);
        List<CompletableFuture<CompletableFuture<Object>>> begun = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            long value = i;
            begun.add(CompletableFuture.supplyAsync(() -> wait.callAsync(value)));
        }
        for (int i = 0; i < begun.size(); i++) {
            assertEquals(i + 1L, begun.get(i).join().join());
        }
        assertEquals(1L, first.join());
    }

    @Test
    void hostFunctionsMayWaitForCallsOfOtherStores() throws Exception {
        int depth = 40;
        List<Store> stores = new ArrayList<>();
        try {
            ComponentFunc inner = null;
            for (int i = 0; i < depth; i++) {
                Store one = new Store(engine);
                stores.add(one);
                ComponentFunc next = inner;
                inner = new ComponentLinker().define("host",
                        args -> next == null ? args[0] : (Object) ((Long) next.callAsync(args[0]).join() + 1))
                        .instantiate(one, waiter).getFunc("wait");
            }
            assertEquals(depth - 1L, inner.callAsync(0).join());
        } finally {
            stores.forEach(Store::close);
        }
    }

    @Test
    void aHostFunctionMayCallItsOwnStoreByCallAsync() throws Exception {
        List<ComponentFunc> own = new ArrayList<>();
        ComponentInstance instance = instance(args -> {
            assertThrows(IllegalStateException.class, () -> own.get(0).call(1));
            return own.get(0).callAsync(args[0]);
        });
        own.add(instance.getFunc("double"));
        assertEquals(14L, instance.getFunc("wait").callAsync(7).join());
    }

    interface Waiter {
        CompletableFuture<Long> wait(int value);

        int double_(int value);
    }

    interface PlainWaiter {
        long wait(int value);
    }

    interface WrongWaiter {
        CompletableFuture<Long> double_(int value);
    }

    interface VoidWaiter {
        CompletableFuture<Void> wait(int value);
    }

    @Test
    void aMethodOfAnInterfaceReturnsAFuture() throws Exception {
        ComponentInstance instance = asking();
        Waiter typed = instance.as(Waiter.class);
        CompletableFuture<Long> result = typed.wait(5);
        asked(5).complete(7L);
        assertEquals(7L, result.join());
        assertEquals(8, typed.double_(4));
        assertEquals(7L, instance.as(PlainWaiter.class).wait(5));
        for (Class<?> wrong : List.of(WrongWaiter.class, VoidWaiter.class)) {
            IllegalArgumentException refused =
                    assertThrows(IllegalArgumentException.class, () -> instance.as(wrong));
            assertTrue(refused.getMessage().contains(wrong.getSimpleName()), refused.getMessage());
        }
    }

    interface Host {
        CompletableFuture<Long> host(long value);
    }

    @Test
    void aMethodOfAHostInterfaceReturnsAFuture() throws Exception {
        ComponentFunc wait = new ComponentLinker()
                .define("", Host.class, value -> CompletableFuture.supplyAsync(() -> value * 3))
                .instantiate(store, waiter).getFunc("wait");
        assertEquals(21L, wait.callAsync(7).join());
        assertEquals(21L, wait.call(7));
    }

    @Test
    void wrongArgumentsAreRefusedAtOnce() throws Exception {
        ComponentFunc wait = asking().getFunc("wait");
        assertThrows(IllegalArgumentException.class, () -> wait.callAsync());
        assertThrows(IllegalArgumentException.class, () -> wait.callAsync(-1));
        assertThrows(NullPointerException.class, () -> wait.callAsync((Object) null));
        assertThrows(NullPointerException.class, () -> wait.callAsync((Object[]) null));
    }

    @Test
    void componentsWithoutAsyncFunctionsHaveNoCallAsync() throws Exception {
        try (Component plain = Component.fromWat(engine, ComponentWat.echo("", "u8"))) {
            ComponentFunc add = new ComponentLinker().define("host", args -> null).define("pong", args -> null)
                    .instantiate(store, plain).getFunc("add");
            IllegalStateException refused =
                    assertThrows(IllegalStateException.class, () -> add.callAsync(1, 2));
            assertTrue(refused.getMessage().contains("async"), refused.getMessage());
        }
    }

    @Test
    void tenThousandCallsWaitForAClock() throws Exception {
        try (Component sleeper = Component.fromWat(engine, AsyncWat.SLEEPER)) {
            ComponentLinker linker = new ComponentLinker();
            Wasi.addToLinker(linker);
            new Wasi(store, WasiConfig.builder().build());
            ComponentFunc wait = linker.instantiate(store, sleeper).getFunc("wait");
            int before = Threads.count();
            List<CompletableFuture<Object>> results = new ArrayList<>();
            for (int i = 0; i < 10_000; i++) {
                results.add(wait.callAsync(1_000_000_000L));
            }
            int during = Threads.count();
            assertTrue(during - before < 50, during + " threads, before " + before);
            results.forEach(result -> assertNull(result.join()));
        }
    }
}
