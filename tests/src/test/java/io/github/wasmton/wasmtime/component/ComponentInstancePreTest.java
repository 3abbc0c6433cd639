package io.github.wasmton.wasmtime.component;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Phaser;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import io.github.wasmton.testing.OnThread;
import io.github.wasmton.wasmtime.Config;
import io.github.wasmton.wasmtime.Engine;
import io.github.wasmton.wasmtime.Store;
import io.github.wasmton.wasmtime.WasmFeature;
import io.github.wasmton.wasmtime.WasmtimeException;

/** Promise: a component is linked once for any number of Stores and threads; each instance has its own resources. */
class ComponentInstancePreTest {
    private static final String TYPES = "example:net/types@0.3.0";
    private static final String COUNTERS = "example:count/counters@1.0.0";
    private static final String ASK = """
            (component
              (import "answer" (func $answer (result u32)))
              (core func $answer (canon lower (func $answer)))
              (core module $M (import "" "answer" (func $f (result i32))) (func (export "ask") (result i32) (call $f)))
              (core instance $m (instantiate $M (with "" (instance (export "answer" (func $answer))))))
              (func (export "ask") (result u32) (canon lift (core func $m "ask"))))""";

    /** The exports of {@link #ASK}. */
    interface Ask {
        long ask();
    }

    /** Its import. */
    interface Answer {
        long answer();
    }

    /** The exports of {@link ComponentWat#COUNTER}. */
    interface Root {
        Counters counters();

        long dropped();
    }

    /** Its exported interface. */
    interface Counters {
        Counter newCounter(long start);

        long take(Counter it);

        interface Counter extends AutoCloseable {
            long get();

            @Override
            void close();
        }
    }

    private static final class Connection implements AutoCloseable {
        private int closed;

        @Override
        public void close() {
            closed++;
        }
    }

    private final Engine engine = new Engine();

    @AfterEach
    void close() {
        engine.close();
    }

    private ComponentInstancePre link(String wat, ComponentLinker linker) {
        try (Component component = Component.fromWat(engine, wat)) {
            return linker.instantiatePre(component);
        }
    }

    @Test
    void oneLinkingServesManyStores() {
        AtomicInteger calls = new AtomicInteger();
        ComponentLinker linker = new ComponentLinker().define("answer", args -> (long) calls.incrementAndGet());
        try (ComponentInstancePre linked = link(ASK, linker)) {
            for (int i = 1; i < 10; i += 2) {
                try (Store store = new Store(engine)) {
                    assertEquals((long) i, linked.instantiate(store).getFunc("ask").call());
                    // The second instance of a Store is linked anew.
                    assertEquals(i + 1, linked.instantiate(store, Ask.class).ask());
                }
            }
        }
    }

    @Test
    void instancesOutliveTheirLinking() {
        try (Store store = new Store(engine)) {
            ComponentInstancePre linked = link(ASK, new ComponentLinker().define("answer", args -> 7));
            Ask ask = linked.instantiate(store, Ask.class);
            linked.close();
            assertThrows(IllegalStateException.class, () -> linked.instantiate(store));
            System.gc();
            assertEquals(7, ask.ask());
        }
    }

    @Test
    void laterDefinitionsChangeNothing() {
        ComponentLinker linker = new ComponentLinker().define("answer", args -> 7);
        try (ComponentInstancePre linked = link(ASK, linker); Store store = new Store(engine)) {
            linker.define("", Answer.class, () -> 8);
            assertEquals(7, linked.instantiate(store, Ask.class).ask());
        }
    }

    @Test
    void threadsInstantiateAtTheSameTime() {
        Phaser both = new Phaser(2);
        ComponentLinker linker = new ComponentLinker().define("answer", args -> {
            both.arriveAndAwaitAdvance();
            return 7;
        });
        try (ComponentInstancePre linked = link(ASK, linker)) {
            List<OnThread> threads = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                threads.add(OnThread.start("caller " + i, () -> {
                    for (int round = 0; round < 50; round++) {
                        try (Store store = new Store(engine)) {
                            assertEquals(7, linked.instantiate(store, Ask.class).ask());
                        }
                    }
                }));
            }
            threads.forEach(OnThread::join);
        }
    }

    @Test
    void aDefinitionPerInstanceKnowsItsStore() {
        List<Answer> made = new ArrayList<>();
        ComponentLinker typed = new ComponentLinker().definePerInstance("", Answer.class, store -> {
            Answer answer = () -> store.data(Integer.class);
            made.add(answer);
            return answer;
        });
        ComponentLinker dynamic =
                new ComponentLinker().definePerInstance("", "answer", store -> args -> store.data(Integer.class));
        try (ComponentInstancePre one = link(ASK, typed); ComponentInstancePre other = link(ASK, dynamic)) {
            for (int request = 0; request < 3; request++) {
                try (Store store = new Store(engine, request)) {
                    Ask ask = one.instantiate(store, Ask.class);
                    assertEquals(request, made.size());
                    assertEquals(request, ask.ask());
                    assertEquals(request, ask.ask());
                    assertEquals(request, other.instantiate(store, Ask.class).ask());
                }
            }
        }
        assertEquals(3, made.size());
        assertNotSame(made.get(0), made.get(1));
        assertTrue(assertThrows(NullPointerException.class, () -> {
            ComponentLinker linker = new ComponentLinker().definePerInstance("", "answer", store -> null);
            try (ComponentInstancePre linked = link(ASK, linker); Store store = new Store(engine)) {
                linked.instantiate(store, Ask.class).ask();
            }
        }).getMessage().contains("definePerInstance"));
    }

    @Test
    void eachInstanceHasItsOwnResources() {
        try (ComponentInstancePre linked = link(ComponentWat.COUNTER, new ComponentLinker());
             Store store = new Store(engine); Store another = new Store(engine)) {
            Root root = linked.instantiate(store, Root.class);
            for (Root other : List.of(linked.instantiate(store, Root.class), linked.instantiate(another, Root.class))) {
                Counters.Counter five = root.counters().newCounter(5);
                Counters.Counter six = other.counters().newCounter(6);
                assertThrows(IllegalArgumentException.class, () -> other.counters().take(five));
                assertEquals(5, five.get());
                assertEquals(5, root.counters().take(five));
                six.close();
                assertEquals(6, other.dropped());
                assertEquals(0, root.dropped());
            }
        }
    }

    @Test
    void javaObjectsOfAClosedStoreAreNotKept() {
        Connection lent = new Connection();
        ComponentLinker linker = new ComponentLinker().resource(TYPES, "connection", Connection.class)
                .define(TYPES, "open", args -> new Connection())
                .define(TYPES, "[method]connection.send", args -> args[1])
                .define(TYPES, "give-back", args -> null);
        try (ComponentInstancePre linked = link(ComponentWat.CLIENT, linker)) {
            for (int i = 0; i < 2; i++) {
                Connection kept = new Connection();
                try (Store store = new Store(engine)) {
                    ComponentInstance one = linked.instantiate(store);
                    ComponentInstance other = linked.instantiate(store);
                    one.getFunc("keep").call(kept);
                    other.getFunc("connect").call(1L);
                    assertEquals(9L, one.getFunc("use").call(9L));
                    assertEquals(1L, other.getFunc("lend").call(lent));
                    one.getFunc("drop").call();
                    assertEquals(1, kept.closed);
                }
            }
        }
        assertEquals(0, lent.closed);
    }

    @Test
    void whatDoesNotFitIsNamedAtLinking() {
        assertTrue(assertThrows(WasmtimeException.class, () -> link(ASK, new ComponentLinker())).getMessage()
                .contains("`answer`"));
        ComponentLinker wrong = new ComponentLinker().define("", Ask.class, () -> 1).define("other", args -> null);
        assertThrows(WasmtimeException.class, () -> link(ASK, wrong));
        interface Text {
            String answer();
        }
        assertThrows(IllegalArgumentException.class,
                () -> link(ASK, new ComponentLinker().define("", Text.class, () -> "")));
        interface NoSuch {
            long none();
        }
        try (ComponentInstancePre linked = link(ASK, new ComponentLinker().define("answer", args -> 7));
             Engine strange = new Engine(); Store foreign = new Store(strange)) {
            Store store = new Store(engine);
            assertThrows(IllegalArgumentException.class, () -> linked.instantiate(foreign));
            for (int i = 0; i < 2; i++) {
                assertThrows(IllegalArgumentException.class, () -> linked.instantiate(store, NoSuch.class));
            }
            store.close();
            assertThrows(IllegalStateException.class, () -> linked.instantiate(store));
        }
    }

    @Test
    void aStoreWithAsyncComponentsTakesOthers() {
        String async = """
                (component
                  (core module $M
                    (func (export "f") (result i32) (i32.const 0))
                    (func (export "back") (param i32 i32 i32) (result i32) (unreachable)))
                  (core instance $m (instantiate $M))
                  (func (export "f") async (canon lift (core func $m "f") async
                    (callback (core func $m "back")))))""";
        try (Engine asyncs = new Engine(new Config().wasmFeature(WasmFeature.COMPONENT_MODEL_ASYNC, true));
             Component first = Component.fromWat(asyncs, async); Component second = Component.fromWat(asyncs, ASK);
             ComponentInstancePre linked =
                     new ComponentLinker().define("answer", args -> 7).instantiatePre(second);
             Store plain = new Store(asyncs); Store store = new Store(asyncs)) {
            assertEquals(7, linked.instantiate(plain, Ask.class).ask());
            new ComponentLinker().instantiate(store, first);
            assertEquals(7, linked.instantiate(store, Ask.class).ask());
        }
    }
}
