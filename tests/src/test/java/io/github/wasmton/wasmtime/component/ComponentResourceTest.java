package io.github.wasmton.wasmtime.component;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import io.github.wasmton.wasmtime.Engine;
import io.github.wasmton.wasmtime.Store;

/** Resources in both directions: each is dropped once, and a use afterwards is an exception. */
class ComponentResourceTest {
    private static final String COUNTERS = "example:count/counters@1.0.0";

    private static final String TYPES = "example:net/types@0.3.0";

    private final Engine engine = new Engine();
    private final Store store = new Store(engine);

    @AfterEach
    void close() {
        store.close();
        engine.close();
    }

    private ComponentInstance counters() {
        try (Component component = Component.fromWat(engine, ComponentWat.COUNTER)) {
            return new ComponentLinker().instantiate(store, component);
        }
    }

    @Test
    void aResourceOfAComponentIsDroppedOnce() {
        ComponentInstance instance = counters();
        ComponentFunc make = instance.getFunc(COUNTERS, "[constructor]counter");
        ComponentResource five = (ComponentResource) make.call(5);
        ComponentResource seven = (ComponentResource) make.call(7);
        assertEquals(COUNTERS + "#counter", five.name());
        assertEquals(5L, instance.getFunc(COUNTERS, "[method]counter.get").call(five));
        assertEquals(7L, seven.call("get"));
        assertEquals(0L, instance.getFunc("dropped").call());
        five.close();
        five.close();
        assertEquals(5L, instance.getFunc("dropped").call());
        assertThrows(IllegalStateException.class, () -> five.call("get"));
        assertEquals(7L, seven.call("get"));
    }

    @Test
    void aResourceThatWasGivenAwayIsOfNoMoreUse() {
        ComponentInstance instance = counters();
        ComponentResource given = (ComponentResource) instance.getFunc(COUNTERS, "[constructor]counter").call(3);
        ComponentFunc take = instance.getFunc(COUNTERS, "take");
        assertEquals(3L, take.call(given));
        assertThrows(IllegalStateException.class, () -> take.call(given));
        assertThrows(IllegalStateException.class, () -> given.call("get"));
        assertThrows(IllegalStateException.class, given::close);
    }

    @Test
    void aResourceOfAnotherInstanceIsRefused() {
        ComponentInstance instance = counters();
        ComponentResource foreign = (ComponentResource) counters().getFunc(COUNTERS, "[constructor]counter").call(3);
        ComponentFunc get = instance.getFunc(COUNTERS, "[method]counter.get");
        assertTrue(assertThrows(IllegalArgumentException.class, () -> get.call(foreign)).getMessage()
                .endsWith("of another one"));
        assertThrows(IllegalArgumentException.class, () -> get.call(5));
        assertThrows(NullPointerException.class, () -> get.call(new Object[] {null}));
        assertEquals(3L, foreign.call("get"));
    }

    @Test
    void resourcesEndWithTheirStore() {
        ComponentResource resource =
                (ComponentResource) counters().getFunc(COUNTERS, "[constructor]counter").call(3);
        store.close();
        assertThrows(IllegalStateException.class, () -> resource.call("get"));
        assertThrows(IllegalStateException.class, resource::close);
    }

    /** A resource that is a Java object. */
    private static class Connection implements AutoCloseable {
        final long number;
        long sent;
        int closed;

        Connection(long number) {
            this.number = number;
        }

        @Override
        public void close() {
            closed++;
        }
    }

    private final List<Connection> opened = new ArrayList<>();
    private final List<Object> returned = new ArrayList<>();

    private ComponentInstance client() {
        ComponentLinker linker = new ComponentLinker().resource(TYPES, "connection", Connection.class);
        linker.define(TYPES, "open", args -> {
            opened.add(new Connection((long) args[0]));
            return opened.get(opened.size() - 1);
        });
        linker.define(TYPES, "[method]connection.send", args -> {
            Connection connection = (Connection) args[0];
            connection.sent += (long) args[1];
            return connection.number;
        });
        linker.define(TYPES, "give-back", args -> {
            returned.add(args[0]);
            return null;
        });
        try (Component component = Component.fromWat(engine, ComponentWat.CLIENT)) {
            return linker.instantiate(store, component);
        }
    }

    @Test
    void aJavaObjectIsAResourceAndIsClosedWhenItIsDropped() {
        ComponentInstance instance = client();
        instance.getFunc("connect").call(42);
        assertEquals(42L, instance.getFunc("use").call(10));
        assertEquals(42L, instance.getFunc("use").call(5));
        Connection connection = opened.get(0);
        assertEquals(15, connection.sent);
        assertEquals(0, connection.closed);
        instance.getFunc("drop").call();
        assertEquals(1, connection.closed);
    }

    @Test
    void aComponentThatUsesADroppedResourceTraps() {
        ComponentInstance instance = client();
        instance.getFunc("connect").call(1);
        instance.getFunc("drop").call();
        assertThrows(io.github.wasmton.wasmtime.WasmtimeException.class, () -> instance.getFunc("use").call(1));
        assertEquals(1, opened.get(0).closed);
    }

    @Test
    void aJavaObjectIsLentForACallOrGivenForGood() {
        ComponentInstance instance = client();
        Connection mine = new Connection(7);
        for (int i = 0; i < 3; i++) {
            assertEquals(7L, instance.getFunc("lend").call(mine));
        }
        assertEquals(3, mine.sent);
        assertEquals(0, mine.closed);
        instance.getFunc("keep").call(mine);
        assertEquals(7L, instance.getFunc("use").call(1));
        instance.getFunc("back").call();
        assertEquals(List.of(mine), returned);
        assertEquals(0, mine.closed);
        assertThrows(IllegalArgumentException.class, () -> instance.getFunc("lend").call("no connection"));
    }

    @Test
    void anExceptionOfCloseComesOutOfTheCall() {
        IllegalStateException thrown = new IllegalStateException("cannot be closed");
        ComponentInstance instance = client();
        instance.getFunc("keep").call(new Connection(1) {
            @Override
            public void close() {
                throw thrown;
            }
        });
        assertEquals(thrown, assertThrows(IllegalStateException.class, instance.getFunc("drop")::call));
    }
}
