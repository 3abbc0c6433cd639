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
    /** A counter whose representation is its count, in a global per instance; it counts the destructors too. */
    private static final String COUNTER = """
            (component
              (core module $M
                (global $dropped (mut i32) (i32.const 0))
                (func (export "drop") (param i32) (global.set $dropped (i32.add (global.get $dropped) (local.get 0))))
                (func (export "get") (param i32) (result i32) (local.get 0))
                (func (export "dropped") (result i32) (global.get $dropped)))
              (core instance $m (instantiate $M))
              (type $counter0 (resource (rep i32) (dtor (core func $m "drop"))))
              (core func $new (canon resource.new $counter0))
              (core func $rep (canon resource.rep $counter0))
              (core module $N
                (import "" "new" (func $new (param i32) (result i32)))
                (import "" "rep" (func $rep (param i32) (result i32)))
                (func (export "make") (param i32) (result i32) (call $new (local.get 0)))
                (func (export "take") (param i32) (result i32) (call $rep (local.get 0))))
              (core instance $n (instantiate $N
                (with "" (instance (export "new" (func $new)) (export "rep" (func $rep))))))
              (component $Shim
                (import "counter" (type $c (sub resource)))
                (import "make" (func $make (param "start" u32) (result (own $c))))
                (import "get" (func $get (param "self" (borrow $c)) (result u32)))
                (import "take" (func $take (param "it" (own $c)) (result u32)))
                (export $counter "counter" (type $c))
                (export "[constructor]counter" (func $make)
                  (func (param "start" u32) (result (own $counter))))
                (export "[method]counter.get" (func $get) (func (param "self" (borrow $counter)) (result u32)))
                (export "take" (func $take) (func (param "it" (own $counter)) (result u32))))
              (func $make (param "start" u32) (result (own $counter0)) (canon lift (core func $n "make")))
              (func $get (param "self" (borrow $counter0)) (result u32) (canon lift (core func $m "get")))
              (func $take (param "it" (own $counter0)) (result u32) (canon lift (core func $n "take")))
              (instance $shim (instantiate $Shim
                (with "counter" (type $counter0)) (with "make" (func $make)) (with "get" (func $get))
                (with "take" (func $take))))
              (export "example:count/counters@1.0.0" (instance $shim))
              (func (export "dropped") (result u32) (canon lift (core func $m "dropped"))))
            """;
    private static final String COUNTERS = "example:count/counters@1.0.0";

    /** A component that gets connections from the host, keeps one, sends by it, and drops it. */
    private static final String CLIENT = """
            (component
              (import "example:net/types@0.3.1" (instance $types
                (export "connection" (type $connection (sub resource)))
                (export "open" (func (param "number" u32) (result (own $connection))))
                (export "[method]connection.send" (func (param "self" (borrow $connection)) (param "data" u32)
                  (result u32)))
                (export "give-back" (func (param "it" (own $connection))))))
              (alias export $types "connection" (type $connection))
              (alias export $types "open" (func $open))
              (alias export $types "[method]connection.send" (func $send))
              (alias export $types "give-back" (func $back))
              (core func $open (canon lower (func $open)))
              (core func $send (canon lower (func $send)))
              (core func $back (canon lower (func $back)))
              (core func $drop (canon resource.drop $connection))
              (core module $M
                (import "" "open" (func $open (param i32) (result i32)))
                (import "" "send" (func $send (param i32 i32) (result i32)))
                (import "" "back" (func $back (param i32)))
                (import "" "drop" (func $drop (param i32)))
                (global $c (mut i32) (i32.const 0))
                (func (export "connect") (param i32) (global.set $c (call $open (local.get 0))))
                (func (export "use") (param i32) (result i32) (call $send (global.get $c) (local.get 0)))
                (func (export "lend") (param i32) (result i32)
                  (local $sent i32)
                  (local.set $sent (call $send (local.get 0) (i32.const 1)))
                  (call $drop (local.get 0))
                  (local.get $sent))
                (func (export "keep") (param i32) (global.set $c (local.get 0)))
                (func (export "drop") (call $drop (global.get $c)))
                (func (export "back") (call $back (global.get $c))))
              (core instance $m (instantiate $M (with "" (instance (export "open" (func $open))
                (export "send" (func $send)) (export "back" (func $back)) (export "drop" (func $drop))))))
              (func (export "connect") (param "number" u32) (canon lift (core func $m "connect")))
              (func (export "use") (param "data" u32) (result u32) (canon lift (core func $m "use")))
              (func (export "lend") (param "it" (borrow $connection)) (result u32) (canon lift (core func $m "lend")))
              (func (export "keep") (param "it" (own $connection)) (canon lift (core func $m "keep")))
              (func (export "drop") (canon lift (core func $m "drop")))
              (func (export "back") (canon lift (core func $m "back"))))
            """;
    private static final String TYPES = "example:net/types@0.3.0";

    private final Engine engine = new Engine();
    private final Store store = new Store(engine);

    @AfterEach
    void close() {
        store.close();
        engine.close();
    }

    private ComponentInstance counters() {
        try (Component component = Component.fromWat(engine, COUNTER)) {
            return new ComponentLinker(store).instantiate(component);
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
        ComponentLinker linker = new ComponentLinker(store).resource(TYPES, "connection", Connection.class);
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
        try (Component component = Component.fromWat(engine, CLIENT)) {
            return linker.instantiate(component);
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
