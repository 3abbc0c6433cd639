package io.github.wasmton.wasmtime.component;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import io.github.wasmton.wasmtime.Engine;
import io.github.wasmton.wasmtime.Store;
import io.github.wasmton.wasmtime.internal.JavaNames;

/** A user's own interfaces, records, enums and sealed interfaces stand for WIT's types. */
class ComponentTypedTest {
    private static final String TYPES = """
            (type $person0 (record (field "full-name" string) (field "age" u8) (field "nick" (option string))
              (field "data" (list u8)) (field "id" u64)))
            (import "person" (type $person (eq $person0)))
            (type $color0 (enum "red" "dark-green"))
            (import "color" (type $color (eq $color0)))
            (type $shape0 (variant (case "none") (case "circle-of" f32) (case "named" $person)))
            (import "shape" (type $shape (eq $shape0)))
            (type $modes0 (flags "read" "write-all"))
            (import "modes" (type $modes (eq $modes0)))
            """;

    record Person(int age, String fullName, String nick, byte[] data, long id) {}

    enum Color { RED, DARK_GREEN }

    enum Modes { READ, WRITE_ALL }

    sealed interface Shape {
        record None() implements Shape {}

        record CircleOf(float radius) implements Shape {}

        record Named(Person person) implements Shape {}
    }

    record Pair(short first, Optional<Color> second) {}

    private final Engine engine = new Engine();
    private final Store store = new Store(engine);

    @AfterEach
    void close() {
        store.close();
        engine.close();
    }

    interface PersonPlugin {
        List<Person> echo(List<Person> values);

        void pass(Person value);

        default Person one(Person value) {
            return echo(List.of(value)).get(0);
        }
    }

    interface PersonHost {
        void host(Person value);

        void pong();
    }

    interface ShapePlugin {
        List<Shape> echo(List<Shape> values);

        void pass(Shape value);
    }

    interface ShapeHost {
        void host(Shape value);

        void pong();
    }

    interface ModesPlugin {
        List<Set<Modes>> echo(List<Set<Modes>> values);
    }

    interface PairPlugin {
        List<Pair> echo(List<Pair> values);
    }

    interface Untyped {
        void host(Object value);

        void pong();
    }

    private <P, H> P plugin(String type, Class<P> plugin, Class<H> hostType, H host) {
        try (Component component = Component.fromWat(engine, ComponentWat.echo(TYPES, type))) {
            return new ComponentLinker().define("", hostType, host).instantiate(store, component, plugin);
        }
    }

    private static Untyped collecting(List<Object> passed) {
        return new Untyped() {
            @Override
            public void host(Object value) {
                passed.add(value);
            }

            @Override
            public void pong() {}
        };
    }

    @Test
    void recordsCrossBothWays() {
        List<Person> passed = new ArrayList<>();
        PersonPlugin plugin = plugin("$person", PersonPlugin.class, PersonHost.class, new PersonHost() {
            @Override
            public void host(Person value) {
                passed.add(value);
            }

            @Override
            public void pong() {}
        });
        Person ada = new Person(36, "Ada", null, new byte[] {1, 2}, -1L);
        Person bob = new Person(255, "Bob", "b", new byte[5000], 7L);
        plugin.pass(ada);
        plugin.pass(bob);
        for (List<Person> people : List.of(plugin.echo(List.of(ada, bob)), passed,
                List.of(plugin.one(ada), plugin.one(bob)))) {
            for (int i = 0; i < 2; i++) {
                Person expected = i == 0 ? ada : bob;
                Person found = people.get(i);
                assertArrayEquals(expected.data, found.data);
                assertEquals(List.of(expected.age, expected.fullName, Optional.ofNullable(expected.nick), expected.id),
                        List.of(found.age, found.fullName, Optional.ofNullable(found.nick), found.id));
            }
        }
        assertEquals("io.github.wasmton.wasmtime.component.ComponentTypedTest$PersonPlugin of a component",
                plugin.toString());
        assertEquals(plugin, plugin);
        assertEquals("pass, parameter 'value', field 'age' needs a whole number from 0 to 255 (u8), not Integer '256'",
                assertThrows(IllegalArgumentException.class,
                        () -> plugin.pass(new Person(256, "", null, new byte[0], 0))).getMessage());
        assertThrows(NullPointerException.class, () -> plugin.pass(new Person(1, null, null, new byte[0], 0)));
        assertThrows(NullPointerException.class, () -> plugin.pass(null));
    }

    @Test
    void variantsAreSealedInterfaces() {
        List<Shape> passed = new ArrayList<>();
        ShapePlugin plugin = plugin("$shape", ShapePlugin.class, ShapeHost.class, new ShapeHost() {
            @Override
            public void host(Shape value) {
                passed.add(value);
            }

            @Override
            public void pong() {}
        });
        List<Shape> shapes = List.of(new Shape.None(), new Shape.CircleOf(1.5f));
        assertEquals(shapes, plugin.echo(shapes));
        shapes.forEach(plugin::pass);
        assertEquals(shapes, passed);
        Shape named = new Shape.Named(new Person(1, "x", null, new byte[0], 0));
        assertEquals("x", ((Shape.Named) plugin.echo(List.of(named)).get(0)).person.fullName);
        assertThrows(NullPointerException.class, () -> plugin.pass(null));
    }

    @Test
    void flagsAreSetsOfAnEnum() {
        List<Object> passed = new ArrayList<>();
        ModesPlugin plugin = plugin("$modes", ModesPlugin.class, Untyped.class, collecting(passed));
        List<Set<Modes>> sets = List.of(Set.of(), Set.of(Modes.WRITE_ALL), EnumSet.allOf(Modes.class));
        assertEquals(sets, plugin.echo(sets));
    }

    @Test
    void tuplesAreRecords() {
        PairPlugin plugin = plugin("(tuple u8 (option $color))", PairPlugin.class, Untyped.class,
                collecting(new ArrayList<>()));
        List<Pair> pairs = List.of(new Pair((short) 255, Optional.of(Color.DARK_GREEN)),
                new Pair((short) 0, Optional.empty()));
        assertEquals(pairs, plugin.echo(pairs));
    }

    record Wrong(String fullName, int years, Optional<String> nick, byte[] data, long id) {}

    interface WrongName {
        void pass(Wrong value);
    }

    record Narrow(byte age, String fullName, int nick, byte[] data, long id) {}

    interface WrongType {
        void pass(Narrow value);
    }

    interface WrongCount {
        int add(int a);
    }

    interface WrongResult {
        void add(int a, int b);
    }

    interface NoSuch {
        void noSuch();
    }

    interface WrongNumber {
        short add(int a, int b);
    }

    @Test
    void theFirstMismatchIsNamed() {
        try (Component component = Component.fromWat(engine, ComponentWat.echo(TYPES, "$person"))) {
            ComponentInstance instance = new ComponentLinker().define("host", args -> null)
                    .define("pong", args -> null).instantiate(store, component);
            String here = "io.github.wasmton.wasmtime.component.ComponentTypedTest$";
            mismatch(instance, WrongName.class, "pass, parameter 'value': the record " + here
                    + "Wrong has no component 'age' for age: u8");
            mismatch(instance, WrongType.class,
                    "pass, parameter 'value', field 'nick' needs to be an Optional in Java, not int");
            mismatch(instance, WrongCount.class, "has 1 parameters, but WIT has func(a: s32, b: s32) -> s32");
            mismatch(instance, WrongResult.class, "add, result needs to be returned by");
            mismatch(instance, NoSuch.class, here + "NoSuch.noSuch: the component exports no such function; there are: "
                    + "add, echo, loop, pass, ping, trap");
            mismatch(instance, WrongNumber.class,
                    "add, result needs to be a whole number of 32 bits or more for s32 in Java, not short");
            mismatch(instance, Person.class, here + "Person is not an interface");
        }
    }

    private static void mismatch(ComponentInstance instance, Class<?> type, String message) {
        String found = assertThrows(IllegalArgumentException.class, () -> instance.as(type)).getMessage();
        assertTrue(found.contains(message), found);
    }

    interface Finder {
        String find(String key);

        void check(long key);
    }

    @Test
    void aResultIsAValueOrAnException() {
        try (Component component = Component.fromWat(engine, ComponentResultTest.WAT)) {
            ComponentLinker linker = new ComponentLinker().define("", Finder.class, new Finder() {
                @Override
                public String find(String key) {
                    if (key.isEmpty()) {
                        throw new ComponentException(404L);
                    }
                    return "found " + key;
                }

                @Override
                public void check(long key) {
                    if (key > 9) {
                        throw new ComponentException(null);
                    }
                }
            });
            Finder finder = linker.instantiate(store, component, Finder.class);
            assertEquals("found x", finder.find("x"));
            assertEquals(404L, assertThrows(ComponentException.class, () -> finder.find("")).error());
            finder.check(9);
            assertThrows(ComponentException.class, () -> finder.check(10));
        }
    }

    static final class NotFound extends ComponentException {
        private static final long serialVersionUID = 1L;

        NotFound(long status) {
            super(status);
        }

        @Override
        public Long error() {
            return (Long) super.error();
        }
    }

    static final class Refused extends ComponentException {
        private static final long serialVersionUID = 1L;

        Refused() {
            super(null);
        }
    }

    interface TypedFinder {
        String find(String key) throws NotFound;

        void check(long key) throws Refused;
    }

    interface WrongError {
        void check(long key) throws NotFound;
    }

    @Test
    void anExceptionOfTheThrowsClauseStandsForTheError() {
        try (Component component = Component.fromWat(engine, ComponentResultTest.WAT)) {
            ComponentLinker linker = new ComponentLinker().define("", TypedFinder.class, new TypedFinder() {
                @Override
                public String find(String key) {
                    if (key.isEmpty()) {
                        throw new NotFound(404);
                    }
                    return "found " + key;
                }

                @Override
                public void check(long key) {
                    if (key > 9) {
                        throw new Refused();
                    }
                }
            });
            ComponentInstance instance = linker.instantiate(store, component);
            TypedFinder finder = instance.as(TypedFinder.class);
            assertEquals("found x", finder.find("x"));
            assertEquals(404L, assertThrows(NotFound.class, () -> finder.find("")).error());
            finder.check(9);
            assertThrows(Refused.class, () -> finder.check(10));
            mismatch(instance, WrongError.class, "check, error: " + NotFound.class.getName()
                    + " needs one constructor with 0 parameters");
        }
    }

    interface ResultPlugin {
        List<ComponentResult<Person, Color>> echo(List<ComponentResult<Person, Color>> values);
    }

    @Test
    void resultsWithinValuesHaveTheirClasses() {
        ResultPlugin plugin = plugin("(result $person (error $color))", ResultPlugin.class, Untyped.class,
                collecting(new ArrayList<>()));
        ComponentResult<Person, Color> ok = ComponentResult.ok(new Person(1, "x", "y", new byte[0], 2));
        var echoed = plugin.echo(List.of(ok, ComponentResult.error(Color.DARK_GREEN)));
        assertEquals("x", echoed.get(0).value().fullName);
        assertEquals(ComponentResult.error(Color.DARK_GREEN), echoed.get(1));
        assertThrows(IllegalArgumentException.class, () -> new ComponentResult<>(true, 1, 2));
    }

    record Two<A, B>(A first, B second) {}

    interface TwoPlugin {
        List<Two<Short, Optional<Color>>> echo(List<Two<Short, Optional<Color>>> values);
    }

    @Test
    void tuplesAreGenericRecords() {
        TwoPlugin plugin = plugin("(tuple u8 (option $color))", TwoPlugin.class, Untyped.class,
                collecting(new ArrayList<>()));
        List<Two<Short, Optional<Color>>> pairs = List.of(new Two<>((short) 255, Optional.of(Color.DARK_GREEN)),
                new Two<>((short) 0, Optional.empty()));
        assertEquals(pairs, plugin.echo(pairs));
    }

    @Test
    void namesOfWitBecomeJavas() {
        assertEquals("findAll", JavaNames.camel("find-all"));
        assertEquals("httpGet", JavaNames.camel("HTTP-get"));
        assertEquals("NotFound", JavaNames.pascal("not-found"));
        assertEquals("DARK_RED", JavaNames.constant("dark-red"));
        assertTrue(JavaNames.matches("class_", "class"));
        assertFalse(JavaNames.matches("classes", "class"));
    }
}
