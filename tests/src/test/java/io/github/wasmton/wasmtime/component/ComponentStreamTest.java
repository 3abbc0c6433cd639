package io.github.wasmton.wasmtime.component;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicReference;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import io.github.wasmton.testing.Await;
import io.github.wasmton.wasmtime.Config;
import io.github.wasmton.wasmtime.Engine;
import io.github.wasmton.wasmtime.Store;
import io.github.wasmton.wasmtime.WasmFeature;

/** Futures and streams of bytes cross in both directions, and end as their other ends do. */
class ComponentStreamTest {
    private final Engine engine = new Engine(new Config().wasmFeature(WasmFeature.COMPONENT_MODEL_ASYNC, true));
    private final Store store = new Store(engine);
    private final AtomicReference<Object> given = new AtomicReference<>();
    /** The stream that the host function returns. */
    private final ComponentStream made = ComponentStream.create();
    private final ComponentInstance instance = instance();

    private ComponentInstance instance() {
        try (Component component = Component.fromWat(engine, AsyncWat.STREAMER)) {
            return new ComponentLinker()
                    .define("future", args -> {
                        given.set(args[0]);
                        return ((CompletableFuture<?>) args[0]).thenApply(value -> (Long) value + 1);
                    })
                    .define("stream", args -> {
                        given.set(args[0]);
                        return made;
                    }).instantiate(store, component);
        }
    }

    @AfterEach
    void close() {
        made.close();
        store.close();
        engine.close();
    }

    private CompletableFuture<?> future(String function, Object argument) throws Exception {
        return (CompletableFuture<?>) result(function, argument);
    }

    private Object result(String function, Object... arguments) throws Exception {
        return Await.result(function, instance.getFunc(function).callAsync(arguments));
    }

    private static Throwable failureOf(CompletableFuture<?> future) {
        return assertThrows(ExecutionException.class, () -> Await.result("the failure", future)).getCause();
    }

    private static byte[] readAll(ComponentStream stream, int most) throws Exception {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        Optional<byte[]> bytes = Await.result("a read", stream.read(most));
        while (bytes.isPresent()) {
            assertTrue(bytes.get().length <= most && bytes.get().length > 0);
            all.write(bytes.get());
            bytes = Await.result("a read", stream.read(most));
        }
        return all.toByteArray();
    }

    @Test
    void typesTellOfFuturesAndStreams() {
        assertEquals("func(f: future<u32>) -> future<u32>", instance.getFunc("echo-future").type().toString());
        assertEquals("async func(n: u32) -> stream<u8>", instance.getFunc("count").type().toString());
    }

    @Test
    void aFutureOfAComponentCompletes() throws Exception {
        assertEquals(7L, Await.result("the value", future("later", 7)));
        assertEquals(8L, Await.result("the value", (CompletableFuture<?>) instance.getFunc("later").call(8)));
    }

    @Test
    void aComponentReadsAFutureOfJava() throws Exception {
        CompletableFuture<Object> value = new CompletableFuture<>();
        CompletableFuture<Object> next = instance.getFunc("next").callAsync(value);
        assertFalse(next.isDone());
        value.complete(41);
        assertEquals(42L, Await.result("the result", next));
    }

    @Test
    void aFutureGoesThroughAComponentAndBack() throws Exception {
        CompletableFuture<Object> value = new CompletableFuture<>();
        CompletableFuture<?> back = future("echo-future", value);
        value.complete(5);
        assertEquals(5L, Await.result("the value", back));
    }

    @Test
    void aHostFunctionTakesAndReturnsFutures() throws Exception {
        CompletableFuture<Object> value = new CompletableFuture<>();
        CompletableFuture<?> back = future("through-future", value);
        assertTrue(given.get() instanceof CompletableFuture);
        value.complete(5);
        assertEquals(6L, Await.result("the value", back));
    }

    @Test
    void anExceptionOfAFutureEndsTheCallsAsTheSameObject() throws Exception {
        CompletableFuture<Object> value = new CompletableFuture<>();
        CompletableFuture<Object> next = instance.getFunc("next").callAsync(value);
        RuntimeException thrown = new RuntimeException("of Java");
        value.completeExceptionally(thrown);
        assertSame(thrown, failureOf(next));
    }

    @Test
    void aComponentReadsAStreamOfJava() throws Exception {
        ComponentStream stream = ComponentStream.create();
        assertThrows(IllegalStateException.class, () -> stream.write(new byte[1]));
        CompletableFuture<Object> sum = instance.getFunc("sum").callAsync(stream);
        byte[] bytes = new byte[1000];
        Arrays.fill(bytes, (byte) 3);
        for (int i = 0; i < 5; i++) {
            assertTrue(Await.result("a write", stream.write(bytes)));
        }
        assertTrue(Await.result("a write", stream.write(new byte[0])));
        stream.close();
        assertEquals(15_000L, Await.result("the sum", sum));
        assertThrows(IllegalStateException.class, () -> stream.write(bytes));
    }

    @Test
    void javaReadsAStreamOfAComponent() throws Exception {
        assertArrayEquals(new byte[10_000], readAll((ComponentStream) result("count", 10_000), 999));
        assertArrayEquals(new byte[0], readAll((ComponentStream) result("count", 0), 1));
    }

    @Test
    void aStreamGoesThroughAComponentAndBack() throws Exception {
        ComponentStream there = ComponentStream.create();
        ComponentStream back = (ComponentStream) result("echo-stream", there);
        CompletableFuture<Boolean> written = there.write(new byte[] {1, 2, 3});
        assertArrayEquals(new byte[] {1, 2}, Await.result("a read", back.read(2)).orElseThrow());
        assertArrayEquals(new byte[] {3}, Await.result("a read", back.read(2)).orElseThrow());
        assertTrue(Await.result("a write", written));
        there.close();
        assertEquals(Optional.empty(), Await.result("a read", back.read(2)));
    }

    @Test
    void aHostFunctionTakesAndReturnsStreams() throws Exception {
        ComponentStream there = ComponentStream.create();
        ComponentStream back = (ComponentStream) result("through-stream", there);
        CompletableFuture<Boolean> written = there.write(new byte[] {1, 2});
        assertArrayEquals(new byte[] {1, 2},
                Await.result("a read", ((ComponentStream) given.get()).read(2)).orElseThrow());
        assertTrue(Await.result("a write", written));
        written = made.write(new byte[] {3});
        assertArrayEquals(new byte[] {3}, Await.result("a read", back.read(2)).orElseThrow());
        assertTrue(Await.result("a write", written));
        made.close();
        assertEquals(Optional.empty(), Await.result("a read", back.read(2)));
    }

    @Test
    void aComponentThatReadsNoMoreEndsWrites() throws Exception {
        ComponentStream stream = ComponentStream.create();
        assertEquals(7L, result("refuse", stream));
        assertFalse(Await.result("a write", stream.write(new byte[1])));
    }

    @Test
    void aStreamThatJavaClosesEndsTheComponentsWrites() throws Exception {
        ComponentStream stream = (ComponentStream) result("count", 1_000_000);
        assertEquals(10, Await.result("a read", stream.read(10)).orElseThrow().length);
        stream.close();
        assertThrows(IllegalStateException.class, () -> stream.read(1));
        assertEquals(3L, Await.result("another call", future("later", 3)));
    }

    @Test
    void theStoreIsFreeBetweenReads() throws Exception {
        ComponentStream stream = (ComponentStream) result("count", 5000);
        for (int i = 0; i < 100; i++) {
            assertEquals(10, Await.result("a read", stream.read(10)).orElseThrow().length);
            store.gc();
        }
    }

    @Test
    void aStreamHasOneReadAndIsGivenOnce() throws Exception {
        ComponentStream there = ComponentStream.create();
        ComponentStream back = (ComponentStream) result("echo-stream", there);
        CompletableFuture<Optional<byte[]>> read = back.read(1);
        assertThrows(IllegalStateException.class, () -> back.read(1));
        assertThrows(IllegalStateException.class, () -> back.write(new byte[1]));
        assertThrows(IllegalStateException.class, () -> there.read(1));
        assertThrows(IllegalArgumentException.class, () -> back.read(0));
        assertThrows(IllegalStateException.class, () -> result("sum", there));
        assertThrows(IllegalStateException.class, () -> result("sum", back));
        store.close();
        assertTrue(failureOf(read) instanceof IllegalStateException);
    }

    @Test
    void closingTheStoreEndsFuturesAndReads() throws Exception {
        CompletableFuture<?> back = future("echo-future", new CompletableFuture<>());
        ComponentStream there = ComponentStream.create();
        ComponentStream unread = (ComponentStream) result("echo-stream", there);
        CompletableFuture<Optional<byte[]>> read = unread.read(1);
        store.close();
        assertTrue(failureOf(back) instanceof IllegalStateException);
        assertTrue(failureOf(read) instanceof IllegalStateException);
    }

    interface Typed {
        CompletableFuture<Integer> echoFuture(CompletableFuture<Integer> value);

        CompletableFuture<CompletableFuture<Long>> later(int value);

        CompletableFuture<Long> sum(ComponentStream stream);
    }

    interface Waiting {
        CompletableFuture<Long> later(int value);
    }

    interface Wrong {
        long later(int value);
    }

    @Test
    void methodsOfAnInterfaceHaveFuturesAndStreams() throws Exception {
        Typed typed = instance.as(Typed.class);
        assertEquals(3L, Await.result("the value", Await.result("the future", typed.later(3))));
        assertEquals(4, Await.result("the value", typed.echoFuture(CompletableFuture.completedFuture(4))));
        ComponentStream stream = ComponentStream.create();
        CompletableFuture<Long> sum = typed.sum(stream);
        assertTrue(Await.result("a write", stream.write(new byte[] {1, 2})));
        stream.close();
        assertEquals(3L, Await.result("the sum", sum));
        assertThrows(IllegalArgumentException.class, () -> instance.as(Wrong.class));
        assertEquals(9L, Await.result("the value", instance.as(Waiting.class).later(9)));
    }
}
