package io.github.wasmton.wasmtime.component;

import java.time.Duration;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Random;

import io.github.wasmton.testing.Fuzzer;
import io.github.wasmton.wasmtime.Config;
import io.github.wasmton.wasmtime.Engine;
import io.github.wasmton.wasmtime.Store;
import io.github.wasmton.wasmtime.StoreLimits;
import io.github.wasmton.wasmtime.WasmFeature;
import io.github.wasmton.wasmtime.WasmtimeException;
import io.github.wasmton.wasmtime.wasi.Wasi;
import io.github.wasmton.wasmtime.wasi.WasiConfig;

/**
 * Random operations of the API for components: linked once or for each Store, values that fit and that do not, by
 * Java's own classes and by interfaces, resources in both directions, and Stores with async components.
 */
public final class ComponentFuzzer extends Fuzzer<ComponentFuzzer.Place> {
    private static final String COUNTERS = "example:count/counters@1.0.0";
    private static final String CONNECTIONS = "example:net/types@0.3.0";

    /** The exception that this class's host functions throw. */
    private static final class Fault extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    /** The functions of {@link ComponentWat#echo} that take numbers or nothing. */
    interface Typed {
        int add(int a, long b);

        void ping();
    }

    /** The interface that {@link ComponentWat#COUNTER} exports. */
    interface Counters {
        Counter newCounter(long start);

        long take(Counter it);

        interface Counter extends AutoCloseable {
            long get();

            @Override
            void close();
        }
    }

    /** The interface that {@link ComponentWat#CLIENT} imports. */
    public interface Connections {
        Connection open(long number);

        void giveBack(Connection it);

        interface Connection extends AutoCloseable {
            long send(long data);

            @Override
            void close();
        }
    }

    /** The functions that {@link ComponentWat#CLIENT} exports. */
    interface Client {
        void connect(long number);

        long use(long data);

        long lend(Connections.Connection it);

        void keep(Connections.Connection it);

        void drop();

        void back();
    }

    /** An engine with its components, and those linked. All of their host functions belong to a {@link Place}. */
    private final class Kit implements AutoCloseable {
        final Engine engine;
        final Component echo;
        final Component counter;
        final Component client;
        final byte[] code;
        final ComponentLinker linker = new ComponentLinker();
        final ComponentInstancePre echoes;
        final ComponentInstancePre counters;
        final ComponentInstancePre clients;
        final ComponentInstancePre commands;
        /** Null in an engine without them. */
        final ComponentInstancePre asyncs;

        Kit(boolean async) {
            engine = new Engine(new Config().epochTick(Duration.ofMillis(2))
                    .wasmFeature(WasmFeature.COMPONENT_MODEL_ASYNC, async)
                    .wasmFeature(WasmFeature.COMPONENT_MODEL_ASYNC_STACKFUL, async));
            echo = Component.fromWat(engine, ComponentWat.echo(FuzzValues.TYPES, FuzzValues.TYPE));
            counter = Component.fromWat(engine, ComponentWat.COUNTER);
            client = Component.fromWat(engine, ComponentWat.CLIENT);
            code = counter.serialize();
            linker.definePerInstance("", "host", store -> args -> {
                place(store).misbehave();
                return args[0];
            });
            linker.definePerInstance("", "pong", store -> args -> {
                place(store).misbehave();
                return null;
            });
            linker.definePerInstance(CONNECTIONS, Connections.class, ComponentFuzzer::place);
            Wasi.addToLinker(linker);
            echoes = linker.instantiatePre(echo);
            counters = linker.instantiatePre(counter);
            clients = linker.instantiatePre(client);
            commands = linked(ComponentWasiTest.RANDOM);
            asyncs = async ? linked("(component " + ComponentAsyncTest.CALLBACK + ")") : null;
        }

        private ComponentInstancePre linked(String wat) {
            try (Component component = Component.fromWat(engine, wat)) {
                return linker.instantiatePre(component);
            }
        }

        @Override
        public void close() {
            List.of(echo, counter, client, echoes, counters, clients, commands).forEach(it -> it.close());
            if (asyncs != null) {
                asyncs.close();
            }
            engine.close();
        }
    }

    private final Kit plain = new Kit(false);
    private final Kit async = new Kit(true);

    private static Place place(Store store) {
        return store.data(Place.class);
    }

    /** A Store and its contents. */
    final class Place implements Fuzzer.Place, Connections {
        private final Random random;
        private final Kit kit;
        private final Store store;
        private final ComponentInstance asyncs;
        private final ComponentInstance echoes;
        private final ComponentInstance counters;
        private final ComponentInstance clients;
        private volatile Object resource = "none";
        private volatile Counters.Counter typedResource;

        private Place(Random random) {
            this.random = random;
            kit = random.nextInt(3) == 0 ? async : plain;
            store = new Store(kit.engine, this);
            store.limits(StoreLimits.DEFAULT.withMemorySize(8 << 16).withInstances(200));
            // In a Store with an async component all run on fibers.
            asyncs = kit == async && random.nextInt(4) > 0 ? kit.asyncs.instantiate(store) : null;
            echoes = kit.echoes.instantiate(store);
            counters = kit.counters.instantiate(store);
            clients = kit.clients.instantiate(store);
        }

        private void misbehave() {
            switch (random.nextInt(16)) {
                case 0 -> throw new Fault();
                case 1, 2 -> operate(this, random);
                case 3 -> close();
                case 4 -> operate(other(random), random);
                case 5 -> throw new ComponentException("no error of these functions");
                default -> { }
            }
        }

        @Override
        public Connection open(long number) {
            misbehave();
            return new Wire(this);
        }

        @Override
        public void giveBack(Connection it) {
            misbehave();
        }

        @Override
        public void close() {
            store.close();
        }
    }

    /** A resource that is a Java object. */
    private record Wire(Place place) implements Connections.Connection {
        @Override
        public long send(long data) {
            place.misbehave();
            return data;
        }

        @Override
        public void close() {
            place.misbehave();
        }
    }

    @Override
    protected Place place(Random random) {
        return new Place(random);
    }

    @Override
    protected void use(Place place, Random random) {
        int n = random.nextInt(6);
        switch (random.nextInt(36)) {
            case 0, 1, 2 -> place.echoes.getFunc("echo").call(FuzzValues.values(random));
            case 3 -> place.echoes.getFunc("pass").call(FuzzValues.value(random));
            case 4 -> place.echoes.getFunc("ping").call();
            case 5 -> place.echoes.getFunc("add").call(random.nextInt(), random.nextLong());
            case 6 -> place.echoes.as(Typed.class).add(random.nextInt(), n);
            case 7 -> place.echoes.as(Typed.class).ping();
            case 8 -> {
                if (random.nextInt(8) == 0) {
                    place.echoes.getFunc(random.nextBoolean() ? "trap" : "none").call();
                }
            }
            case 9 -> {
                if (random.nextInt(8) == 0) {
                    place.store.callWithin(Duration.ofMillis(n), place.echoes.getFunc("loop")::call);
                }
            }
            case 10, 11 -> place.resource = place.counters.getFunc(COUNTERS, "[constructor]counter").call(n);
            case 12 -> place.counters.getFunc(COUNTERS, "[method]counter.get").call(place.resource);
            case 13 -> place.counters.getFunc(COUNTERS, "take").call(place.resource);
            case 14 -> {
                if (place.resource instanceof ComponentResource counted) {
                    counted.call(random.nextBoolean() ? "get" : "none");
                }
            }
            case 15 -> {
                if (place.resource instanceof ComponentResource counted) {
                    counted.close();
                }
            }
            case 16 -> {
                Place other = other(random);
                if (other != null) {
                    place.counters.getFunc(COUNTERS, "take").call(other.resource);
                }
            }
            case 17 -> place.clients.getFunc("connect").call(n);
            case 18 -> place.clients.getFunc("use").call(n);
            case 19 -> place.clients.getFunc("lend").call(new Wire(place));
            case 20 -> place.clients.getFunc(random.nextBoolean() ? "keep" : "lend")
                    .call(n == 0 ? place.resource : new Wire(place));
            case 21 -> place.clients.getFunc(random.nextInt(8) > 0 ? "connect" : n < 3 ? "drop" : "back")
                    .call(new Object[random.nextInt(2)]);
            case 22 -> {
                try (Component again = Component.deserialize(place.kit.engine, place.kit.code)) {
                    again.exports();
                    place.kit.linker.instantiate(place.store, again);
                }
            }
            case 23 -> place.kit.linker.instantiate(place.store, n < 3 ? place.kit.echo : place.kit.client)
                    .getFunc("add");
            default -> useTyped(place, random, n);
        }
    }

    private void useTyped(Place place, Random random, int n) {
        switch (random.nextInt(12)) {
            case 0, 1 -> place.typedResource = place.counters.as(COUNTERS, Counters.class).newCounter(n);
            case 2 -> {
                Place from = n == 0 ? other(random) : place;
                if (from != null) {
                    place.counters.as(COUNTERS, Counters.class).take(from.typedResource);
                }
            }
            case 3, 4 -> {
                Counters.Counter counter = place.typedResource;
                if (counter != null) {
                    if (n < 4) {
                        counter.get();
                    } else {
                        counter.close();
                    }
                }
            }
            case 5 -> place.clients.as(Client.class).keep(new Wire(place));
            case 6 -> {
                place.clients.as(Client.class).connect(n);
                place.clients.as(Client.class).use(n);
            }
            case 7 -> {
                if (n < 3) {
                    place.clients.as(Client.class).drop();
                } else {
                    place.clients.as(Client.class).lend(new Wire(place));
                }
            }
            case 8 -> {
                // In another Store, which may be of the other engine, or closed by now.
                Place other = other(random);
                if (other != null) {
                    place.kit.echoes.instantiate(other.store, Typed.class).add(n, n);
                }
            }
            case 9 -> {
                if (n == 0) {
                    new Wasi(place.store, WasiConfig.EMPTY);
                }
                place.kit.commands.instantiate(place.store).getFunc("get").call();
            }
            case 10 -> {
                if (place.asyncs != null) {
                    place.asyncs.getFunc("add").call(n, n);
                    if (n == 0) {
                        place.asyncs.getFunc(random.nextBoolean() ? "deadlock" : "trap").call();
                    }
                }
            }
            default -> {
                try (ComponentInstancePre linked = place.kit.linker.instantiatePre(place.kit.client)) {
                    linked.instantiate(place.store, Client.class).connect(n);
                }
            }
        }
    }

    @Override
    protected boolean isExpected(RuntimeException thrown) {
        // Closed, busy, of another type, trapped, limited, thrown by a host function.
        return thrown instanceof IllegalStateException || thrown instanceof IllegalArgumentException
                || thrown instanceof WasmtimeException || thrown instanceof NoSuchElementException
                || thrown instanceof Fault || thrown instanceof ComponentException
                || thrown instanceof NullPointerException && thrown.getMessage().endsWith(", not null");
    }

    @Override
    public void close() {
        plain.close();
        async.close();
    }
}
