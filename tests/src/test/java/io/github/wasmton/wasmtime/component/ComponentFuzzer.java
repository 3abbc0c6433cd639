package io.github.wasmton.wasmtime.component;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

import io.github.wasmton.testing.Fuzzer;
import io.github.wasmton.wasmtime.Config;
import io.github.wasmton.wasmtime.Engine;
import io.github.wasmton.wasmtime.Store;
import io.github.wasmton.wasmtime.StoreLimits;
import io.github.wasmton.wasmtime.WasmtimeException;

/** Random operations of the API for components: values that fit and that do not, resources in both directions. */
public final class ComponentFuzzer extends Fuzzer<ComponentFuzzer.Place> {
    private static final String TYPES = """
            (type $r0 (record (field "name" string) (field "data" (list u8)) (field "size" u64)))
            (import "r" (type $r (eq $r0)))
            (type $v0 (variant (case "none") (case "some" $r) (case "char" char)))
            (import "v" (type $v (eq $v0)))
            (type $f0 (flags "a" "b" "c"))
            (import "f" (type $f (eq $f0)))""";
    private static final String VALUE = "(tuple $v $f (option $r) (list f32) (result (list $r) (error string)))";
    private static final String COUNTERS = "example:count/counters@1.0.0";
    private static final String CONNECTIONS = "example:net/types@0.3.0";

    /** The exception that this class's host functions throw. */
    private static final class Fault extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    /** A resource that is a Java object. */
    private static final class Connection implements AutoCloseable {
        @Override
        public void close() {
            if (hashCode() % 16 == 0) {
                throw new Fault();
            }
        }
    }

    /** The functions of {@link ComponentWat#echo} that take numbers or nothing. */
    interface Typed {
        int add(int a, long b);

        void ping();
    }

    private final Engine engine = new Engine(new Config().epochTick(Duration.ofMillis(2)));
    private final Component echo = Component.fromWat(engine, ComponentWat.echo(TYPES, VALUE));
    private final Component counter = Component.fromWat(engine, ComponentWat.COUNTER);
    private final Component client = Component.fromWat(engine, ComponentWat.CLIENT);
    private final byte[] code = counter.serialize();

    /** A Store and its contents. */
    final class Place implements Fuzzer.Place {
        private final Store store = new Store(engine);
        private final ComponentLinker linker = new ComponentLinker(store);
        private final ComponentInstance echoes;
        private final ComponentInstance counters;
        private final ComponentInstance clients;
        private volatile Object resource = "none";

        private Place(Random random) {
            store.limits(StoreLimits.DEFAULT.withMemorySize(8 << 16).withInstances(200));
            linker.define("host", args -> {
                misbehave(random);
                return args[0];
            });
            linker.define("pong", args -> {
                misbehave(random);
                return null;
            });
            linker.resource(CONNECTIONS, "connection", Connection.class);
            linker.define(CONNECTIONS, "open", args -> new Connection());
            linker.define(CONNECTIONS, "[method]connection.send", args -> {
                misbehave(random);
                return 1;
            });
            linker.define(CONNECTIONS, "give-back", args -> null);
            echoes = linker.instantiate(echo);
            counters = linker.instantiate(counter);
            clients = linker.instantiate(client);
        }

        private void misbehave(Random random) {
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
        public void close() {
            store.close();
        }
    }

    @Override
    protected Place place(Random random) {
        return new Place(random);
    }

    @Override
    protected void use(Place place, Random random) {
        int n = random.nextInt(6);
        switch (random.nextInt(24)) {
            case 0, 1, 2 -> place.echoes.getFunc("echo").call(values(random));
            case 3 -> place.echoes.getFunc("pass").call(value(random));
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
            case 19 -> place.clients.getFunc("lend").call(new Connection());
            case 20 -> place.clients.getFunc(random.nextBoolean() ? "keep" : "lend")
                    .call(n == 0 ? place.resource : new Connection());
            case 21 -> place.clients.getFunc(random.nextInt(8) > 0 ? "connect" : n < 3 ? "drop" : "back")
                    .call(new Object[random.nextInt(2)]);
            case 22 -> {
                try (Component again = Component.deserialize(engine, code)) {
                    again.exports();
                    place.linker.instantiate(again);
                }
            }
            default -> place.linker.instantiate(n < 3 ? echo : client).getFunc("add");
        }
    }

    private static Object values(Random random) {
        List<Object> values = new ArrayList<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            values.add(value(random));
        }
        return random.nextInt(50) == 0 ? Map.of() : values;
    }

    /** Returns a value of the type, or one with something wrong somewhere within. */
    private static Object value(Random random) {
        Object variant = switch (random.nextInt(3)) {
            case 0 -> new ComponentVariant("none", wrong(random, null));
            case 1 -> new ComponentVariant("some", record(random));
            default -> new ComponentVariant("char", wrong(random, random.nextInt(0xd800)));
        };
        Object result = random.nextBoolean() ? ComponentResult.error(wrong(random, "why"))
                : ComponentResult.ok(List.of(record(random), record(random)));
        Object option = random.nextBoolean() ? Optional.empty() : Optional.of(record(random));
        return wrong(random, List.of(variant, wrong(random, Set.of("b", "c")), option,
                List.of(random.nextFloat(), wrong(random, 1f)), result));
    }

    private static Object record(Random random) {
        return ComponentRecord.of("name", wrong(random, "x".repeat(random.nextInt(100))),
                "data", wrong(random, new byte[random.nextInt(10) == 0 ? 70_000 : random.nextInt(300)]),
                "size", wrong(random, random.nextLong()));
    }

    private static Object wrong(Random random, Object right) {
        return switch (random.nextInt(200)) {
            case 0 -> "\ud800";
            case 1 -> List.of(1, 2);
            case 2 -> -1;
            default -> right;
        };
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
        echo.close();
        counter.close();
        client.close();
        engine.close();
    }
}
