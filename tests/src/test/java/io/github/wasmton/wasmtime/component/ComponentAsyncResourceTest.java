package io.github.wasmton.wasmtime.component;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import io.github.wasmton.testing.Await;
import io.github.wasmton.wasmtime.Config;
import io.github.wasmton.wasmtime.Engine;
import io.github.wasmton.wasmtime.Store;
import io.github.wasmton.wasmtime.WasmFeature;

/** Resources are lent and given away by calls that nobody waits for, as by others. */
class ComponentAsyncResourceTest {
    private final Engine engine = new Engine(new Config().wasmFeature(WasmFeature.COMPONENT_MODEL_ASYNC, true));
    private final Store store = new Store(engine);
    private final CompletableFuture<Void> release = new CompletableFuture<>();
    private final List<String> events = new ArrayList<>();

    @AfterEach
    void close() {
        store.close();
        engine.close();
    }

    interface BasketTypes {
        interface Basket extends AutoCloseable {
            void add(long price);

            @Override
            void close();
        }
    }

    /** Used by one call at a time, and looked at after that. */
    private class RecordingBasket implements BasketTypes.Basket {
        @Override
        public void add(long price) {
            events.add("added " + price);
        }

        @Override
        public void close() {
            events.add("closed");
        }
    }

    private CompletableFuture<Object> begin(String function) {
        try (Component component = Component.fromWat(engine, AsyncWat.FILLER)) {
            return new ComponentLinker()
                    .define("acme:shop/baskets", BasketTypes.class, new BasketTypes() {})
                    .define("wait", args -> release)
                    .instantiate(store, component).getFunc(function).callAsync(new RecordingBasket());
        }
    }

    @Test
    void aJavaObjectIsLentUntilTheCallEnds() throws Exception {
        CompletableFuture<Object> call = begin("fill");
        assertFalse(call.isDone());
        release.complete(null);
        Await.result("the call", call);
        assertEquals(List.of("added 5"), events);
    }

    @Test
    void aJavaObjectThatIsGivenAwayIsClosedOnce() throws Exception {
        CompletableFuture<Object> call = begin("keep");
        release.complete(null);
        Await.result("the call", call);
        assertEquals(List.of("added 5", "closed"), events);
    }

    @Test
    void aResourceOfAComponentIsLentAndGivenAway() throws Exception {
        CompletableFuture<Object> answer = new CompletableFuture<>();
        try (Component waiter = Component.fromWat(engine, AsyncWat.WAITER);
             Component counters = Component.fromWat(engine, ComponentWat.COUNTER)) {
            ComponentFunc wait = new ComponentLinker().define("host", args -> answer).instantiate(store, waiter)
                    .getFunc("wait");
            ComponentInstance instance = new ComponentLinker().instantiate(store, counters);
            String types = "example:count/counters@1.0.0";
            ComponentFunc make = instance.getFunc(types, "[constructor]counter");
            ComponentFunc take = instance.getFunc(types, "take");
            CompletableFuture<Object> waiting = wait.callAsync(1);
            ComponentResource counter = (ComponentResource) Await.result("the counter", make.callAsync(7));
            // Another call runs, so the Store is busy.
            assertThrows(IllegalStateException.class, counter::close);
            assertEquals(7L, Await.result("its value", take.callAsync(counter)));
            answer.complete(2L);
            assertEquals(2L, Await.result("the other call", waiting));
            assertThrows(IllegalStateException.class, counter::close);
            ComponentResource other = (ComponentResource) make.call(8);
            other.close();
            assertThrows(IllegalStateException.class, () -> take.callAsync(other));
            assertTrue(other.toString().contains("counter"));
        }
    }
}
