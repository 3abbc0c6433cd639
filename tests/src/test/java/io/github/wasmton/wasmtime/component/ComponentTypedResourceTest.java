package io.github.wasmton.wasmtime.component;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import io.github.wasmton.wasmtime.Engine;
import io.github.wasmton.wasmtime.Store;
import io.github.wasmton.wasmtime.wasi.Wasi;
import io.github.wasmton.wasmtime.wasi.WasiConfig;

/** A user's own interfaces stand for resources in both directions, and for exported interfaces. */
class ComponentTypedResourceTest {
    private static final String COUNTERS = "example:count/counters@1.0.0";

    private final Engine engine = new Engine();
    private final Store store = new Store(engine);

    @AfterEach
    void close() {
        store.close();
        engine.close();
    }

    /** The interface that {@link ComponentWat#COUNTER} exports. */
    interface Counters {
        Counter newCounter(long start);

        long take(Counter it);

        interface Counter extends AutoCloseable {
            long get();

            default long twice() {
                return 2 * get();
            }

            @Override
            default void close() {}
        }
    }

    /** The exports of the component. */
    interface Root {
        Counters counters();

        long dropped();
    }

    private Root root() {
        try (Component component = Component.fromWat(engine, ComponentWat.COUNTER)) {
            return new ComponentLinker().instantiate(store, component, Root.class);
        }
    }

    @Test
    void aResourceOfAComponentIsAnInterface() {
        Root root = root();
        Counters counters = root.counters();
        assertSame(counters, root.counters());
        Counters.Counter five = counters.newCounter(5);
        try (Counters.Counter seven = counters.newCounter(7)) {
            assertEquals(5, five.get());
            assertEquals(14, seven.twice());
            assertEquals(seven, seven);
            assertTrue(seven.toString().startsWith(COUNTERS + "#counter "), seven.toString());
            assertEquals(0, root.dropped());
        }
        assertEquals(7, root.dropped());
        assertEquals(5, counters.take(five));
        assertThrows(IllegalStateException.class, five::get);
        assertThrows(IllegalStateException.class, five::close);
    }

    @Test
    void onlyResourcesOfTheInstanceAreTaken() {
        Counters counters = root().counters();
        Counters.Counter foreign = root().counters().newCounter(1);
        assertTrue(assertThrows(IllegalArgumentException.class, () -> counters.take(foreign)).getMessage()
                .endsWith("of another one"));
        assertTrue(assertThrows(IllegalArgumentException.class, () -> counters.take(() -> 1)).getMessage()
                .contains("needs a " + Counters.Counter.class.getName() + " that the component has made"));
        assertThrows(NullPointerException.class, () -> counters.take(null));
    }

    interface NoSuchMethod {
        Wrong newCounter(long start);

        interface Wrong {
            long reset();
        }
    }

    @Test
    void aMethodThatTheResourceDoesNotHaveIsNamed() {
        try (Component component = Component.fromWat(engine, ComponentWat.COUNTER)) {
            ComponentInstance instance = new ComponentLinker().instantiate(store, component);
            assertEquals(NoSuchMethod.Wrong.class.getName() + ".reset: the component exports no such function in "
                    + COUNTERS + "#counter; there are: get", assertThrows(IllegalArgumentException.class,
                            () -> instance.as(COUNTERS, NoSuchMethod.class)).getMessage());
        }
    }

    /** The interface that {@link ComponentWat#CLIENT} imports. */
    interface Types {
        Connection open(long number);

        void giveBack(Connection it);

        interface Connection extends AutoCloseable {
            long send(long data);

            @Override
            default void close() {}
        }
    }

    /** The exports of {@link ComponentWat#CLIENT}. */
    interface Client {
        void connect(long number);

        long use(long data);

        long lend(Types.Connection it);

        void keep(Types.Connection it);

        void drop();

        void back();
    }

    private static final class Sent implements Types.Connection {
        final List<Long> data = new ArrayList<>();
        int closed;

        @Override
        public long send(long number) {
            data.add(number);
            return data.size();
        }

        @Override
        public void close() {
            closed++;
        }
    }

    @Test
    void aNestedInterfaceIsTheClassOfAResourceInJava() {
        List<Sent> opened = new ArrayList<>();
        List<Types.Connection> returned = new ArrayList<>();
        ComponentLinker linker = new ComponentLinker().define("example:net/types@0.3.0", Types.class, new Types() {
            @Override
            public Connection open(long number) {
                opened.add(new Sent());
                return opened.get(opened.size() - 1);
            }

            @Override
            public void giveBack(Connection it) {
                returned.add(it);
            }
        });
        try (Component component = Component.fromWat(engine, ComponentWat.CLIENT)) {
            Client client = linker.instantiate(store, component, Client.class);
            client.connect(42);
            assertEquals(1, client.use(10));
            assertEquals(2, client.use(20));
            assertEquals(List.of(10L, 20L), opened.get(0).data);
            client.drop();
            assertEquals(1, opened.get(0).closed);
            Sent mine = new Sent();
            assertEquals(1, client.lend(mine));
            client.keep(mine);
            client.back();
            assertEquals(List.of(mine), returned);
            assertEquals(0, mine.closed);
        }
    }

    /** A component that gets its standard output from WASI, and gives it to the host. */
    private static final String GIVES_STDOUT = """
            (component
              (import "wasi:io/streams@0.2.0" (instance $streams (export "output-stream" (type (sub resource)))))
              (alias export $streams "output-stream" (type $stream))
              (import "wasi:cli/stdout@0.2.0" (instance $stdout
                (alias outer 1 $stream (type $s))
                (export "output-stream" (type $output-stream (eq $s)))
                (export "get-stdout" (func (result (own $output-stream))))))
              (import "acme:log/sink" (instance $sink
                (alias outer 1 $stream (type $s))
                (export "output-stream" (type $output-stream (eq $s)))
                (export "take" (func (param "stream" (own $output-stream)) (result (own $output-stream))))))
              (core func $get (canon lower (func $stdout "get-stdout")))
              (core func $take (canon lower (func $sink "take")))
              (core func $drop (canon resource.drop $stream))
              (core module $M
                (import "" "get" (func $get (result i32)))
                (import "" "take" (func $take (param i32) (result i32)))
                (import "" "drop" (func $drop (param i32)))
                (func (export "run") (call $drop (call $take (call $get)))))
              (core instance $m (instantiate $M (with "" (instance
                (export "get" (func $get)) (export "take" (func $take)) (export "drop" (func $drop))))))
              (func (export "run") (canon lift (core func $m "run"))))
            """;

    interface Sink {
        Stream take(Stream stream);

        interface Stream extends AutoCloseable {
            long checkWrite();

            @Override
            default void close() {}
        }
    }

    @Test
    void aResourceThatTheComponentImportsIsPassedOn() {
        List<String> refused = new ArrayList<>();
        ComponentLinker linker = new ComponentLinker().define("acme:log/sink", Sink.class, stream -> {
            refused.add(assertThrows(UnsupportedOperationException.class, stream::checkWrite).getMessage());
            return stream;
        });
        new Wasi(store, WasiConfig.EMPTY);
        Wasi.addToLinker(linker);
        try (Component component = Component.fromWat(engine, GIVES_STDOUT)) {
            linker.instantiate(store, component).getFunc("run").call();
        }
        assertEquals(List.of("the component imports wasi:io/streams@0.2.0#output-stream; Java can pass it on, but not "
                + "call checkWrite"), refused);
    }
}
