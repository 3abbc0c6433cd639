package io.github.wasmton.wasmtime.component;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import io.github.wasmton.wasmtime.Engine;
import io.github.wasmton.wasmtime.Store;

/** Values of every type cross, in memory and as plain parameters; values of no such type do not. */
class ComponentValuesTest {
    private static final String RECORD = """
            (type $r0 (record (field "name" string) (field "age" u8) (field "score" f64) (field "tags" (list string))))
            (import "person" (type $r (eq $r0)))
            """;
    private static final String VARIANT = """
            (type $v0 (variant (case "none") (case "small" f32) (case "large" u64) (case "text" string)))
            (import "shape" (type $v (eq $v0)))
            """;

    private final Engine engine = new Engine();
    private final Store store = new Store(engine);

    @AfterEach
    void close() {
        store.close();
        engine.close();
    }

    private ComponentInstance instance(String types, String type, List<Object> passed) {
        ComponentLinker linker = new ComponentLinker();
        linker.define("host", args -> {
            passed.addAll(Arrays.asList(args));
            return null;
        });
        linker.define("pong", args -> null);
        try (Component component = Component.fromWat(engine, ComponentWat.echo(types, type))) {
            return linker.instantiate(store, component);
        }
    }

    /** Checks that values cross both ways and come back as others, mostly as themselves. */
    private void becomes(String types, String type, List<?> values, List<?> expected) {
        List<Object> passed = new ArrayList<>();
        ComponentInstance instance = instance(types, type, passed);
        assertEquals(expected, instance.getFunc("echo").call(values));
        ComponentFunc pass = instance.getFunc("pass");
        values.forEach(pass::call);
        assertEquals(expected, passed);
    }

    private void crosses(String types, String type, Object... values) {
        becomes(types, type, List.of(values), List.of(values));
    }

    /** Checks values of a type whose lists are byte arrays. */
    private void passes(String type, Object... values) {
        List<Object> passed = new ArrayList<>();
        ComponentFunc pass = instance("", type, passed).getFunc("pass");
        Arrays.stream(values).forEach(pass::call);
        assertEquals(List.of(values), passed);
        crosses("", "(tuple " + type + ')', Arrays.stream(values).map(value -> (Object) List.of(value)).toArray());
    }

    private void refused(String types, String type, Object... values) {
        ComponentFunc pass = instance(types, type, new ArrayList<>()).getFunc("pass");
        for (Object value : values) {
            assertThrows(IllegalArgumentException.class, () -> pass.call(value), String.valueOf(value));
        }
        assertThrows(NullPointerException.class, () -> pass.call(new Object[] {null}));
    }

    @Test
    void numbersCross() {
        crosses("", "bool", true, false);
        passes("s8", Byte.MIN_VALUE, Byte.MAX_VALUE);
        passes("u8", (short) 0, (short) 255);
        crosses("", "s16", Short.MIN_VALUE, Short.MAX_VALUE);
        crosses("", "u16", 0, 65535);
        crosses("", "s32", Integer.MIN_VALUE, Integer.MAX_VALUE);
        crosses("", "u32", 0L, 4294967295L);
        crosses("", "s64", Long.MIN_VALUE, Long.MAX_VALUE);
        crosses("", "u64", 0L, -1L);
        crosses("", "f32", 0f, -1.5f, Float.NEGATIVE_INFINITY, Float.NaN);
        crosses("", "f64", 0.0, 1e300, Double.NaN);
        crosses("", "char", (int) 'a', 0x1F600, 0x10FFFF);
    }

    @Test
    void numbersOfOtherClassesAreWidenedIfTheyFit() {
        becomes("", "u32", List.of(1, (short) 2, (byte) 3, 4L), List.of(1L, 2L, 3L, 4L));
        becomes("", "s16", List.of(1, 2L), List.of((short) 1, (short) 2));
        becomes("", "char", List.of('x'), List.of((int) 'x'));
    }

    @Test
    void textCrosses() {
        crosses("", "string", "", "a", "hällo \uD83D\uDE00", "x".repeat(100_000));
        becomes("", "string", List.of("\uD83D"), List.of("?"));
    }

    @Test
    void byteListsCrossWhateverTheirLength() {
        for (String type : List.of("u8", "s8")) {
            List<Object> passed = new ArrayList<>();
            ComponentInstance instance = instance("", "(list " + type + ')', passed);
            for (int length : new int[] {0, 1, 1023, 1024, 70_000}) {
                byte[] bytes = new byte[length];
                IntStream.range(0, length).forEach(i -> bytes[i] = (byte) (i * 31));
                // More of them than go as arrays of their own.
                List<Object> values = new ArrayList<>();
                IntStream.range(0, 11).forEach(i -> values.add(bytes));
                List<?> echoed = (List<?>) instance.getFunc("echo").call(values);
                assertEquals(11, echoed.size());
                echoed.forEach(one -> assertArrayEquals(bytes, (byte[]) one));
                instance.getFunc("pass").call(bytes);
                assertArrayEquals(bytes, (byte[]) passed.get(passed.size() - 1));
            }
        }
    }

    @Test
    void listsAndTuplesCross() {
        crosses("", "(list string)", List.of(), List.of("a", "b"));
        crosses("", "(list u32)", List.of(1L, 2L, 4294967295L));
        crosses("", "(list (list s16))", List.of(List.of((short) -1), List.of()));
        crosses("", "(list bool)", List.of(true, false));
        crosses("", "(tuple u8 string f64)", List.of((short) 7, "seven", 7.5));
        crosses("", "(tuple s64 s64 s64 s64 s64 s64 s64 s64 s64 s64 s64 s64 s64 s64 s64 s64 s64)",
                IntStream.range(0, 17).mapToObj(i -> (Object) (long) i).toList());
    }

    @Test
    void recordsCross() {
        ComponentRecord person =
                ComponentRecord.of("name", "Ada", "age", (short) 36, "score", 0.5, "tags", List.of("x"));
        crosses(RECORD, "$r", person);
        becomes(RECORD, "$r", List.of(person.asMap()), List.of(person));
        assertEquals("{name=Ada, age=36, score=0.5, tags=[x]}", person.toString());
        assertEquals("Ada", person.get("name"));
    }

    @Test
    void variantsCross() {
        crosses(VARIANT, "$v", new ComponentVariant("none"), new ComponentVariant("small", 1.5f),
                new ComponentVariant("large", -1L), new ComponentVariant("text", "hällo"));
        crosses("", "(option u8)", Optional.empty(), Optional.of((short) 3));
        crosses("", "(option (option string))", Optional.empty(), Optional.of(Optional.empty()),
                Optional.of(Optional.of("x")));
        crosses("", "(result u32 (error string))", ComponentResult.ok(5L), ComponentResult.error("no"));
        crosses("", "(result)", ComponentResult.ok(null), ComponentResult.error(null));
    }

    @Test
    void enumsAndFlagsCross() {
        crosses("(type $e0 (enum \"red\" \"green\")) (import \"color\" (type $e (eq $e0)))", "$e", "red", "green");
        for (int count : new int[] {3, 8, 9, 16, 17, 32}) {
            StringBuilder names = new StringBuilder();
            IntStream.range(0, count).forEach(i -> names.append(" \"f").append(i).append('"'));
            crosses("(type $f0 (flags" + names + ")) (import \"flags\" (type $f (eq $f0)))", "$f", Set.of(),
                    Set.of("f0", "f1", "f" + (count - 1)));
        }
    }

    @Test
    void aLargeVariantHasALargeDiscriminant() {
        StringBuilder names = new StringBuilder();
        IntStream.range(0, 300).forEach(i -> names.append(" \"f").append(i).append('"'));
        crosses("(type $e0 (enum" + names + ")) (import \"many\" (type $e (eq $e0)))", "$e", "f0", "f255", "f256",
                "f299");
    }

    @Test
    void valuesOfOtherTypesAreRefused() {
        refused("", "bool", 1, "true");
        refused("", "u8", -1, 256, 1.0, "1");
        refused("", "s32", 1L << 40, 1f);
        refused("", "u32", -1, 4294967296L);
        refused("", "f32", 1.0, 1);
        refused("", "f64", 1f);
        refused("", "char", 0xD800, -1, 0x110000, "a");
        refused("", "string", 'a', List.of());
        refused("", "(list u8)", List.of(1), new int[1]);
        refused("", "(list u32)", new int[1], List.of("x"), List.of(1, -1));
        refused("", "(tuple u8 u8)", List.of(1), List.of(1, 2, 3), List.of(1, 256));
        refused(RECORD, "$r", Map.of(), ComponentRecord.of("name", "x"), "x",
                Map.of("name", "x", "age", 1, "score", 1.0, "other", List.of()),
                Map.of("name", "x", "age", 999, "score", 1.0, "tags", List.of()));
        refused(VARIANT, "$v", new ComponentVariant("other"), new ComponentVariant("none", 1),
                new ComponentVariant("small", 1.0), "none");
        refused("", "(option u8)", 3, Optional.of(-3));
        refused("", "(result u32)", ComponentResult.error("x"), ComponentResult.ok("x"), 3);
    }

    @Test
    void anErrorNamesThePlaceAndWhatItNeeds() {
        ComponentFunc pass = instance(RECORD, "$r", new ArrayList<>()).getFunc("pass");
        String message = assertThrows(IllegalArgumentException.class, () -> pass.call(
                ComponentRecord.of("name", "x", "age", 999, "score", 1.0, "tags", List.of()))).getMessage();
        assertEquals("pass, parameter 'value', field 'age' needs a whole number from 0 to 255 (u8), not Integer '999'",
                message);
        assertThrows(NullPointerException.class, () -> pass.call(new ComponentRecord(
                List.of("name", "age", "score", "tags"), new Object[] {null, 1, 1.0, List.of()})));
        String count = assertThrows(IllegalArgumentException.class, pass::call).getMessage();
        assertTrue(count.startsWith("pass needs 1 arguments, not 0: func(value: record{name: string, "), count);
    }

    @Test
    void anAnswerOfNoSuchCaseIsAnError() {
        String answer = """
                (component %s
                  (core module $M (func (export "f") (result i32) (i32.const 7)))
                  (core instance $m (instantiate $M))
                  (type $e0 (enum "red" "green"))
                  (export $e "color" (type $e0))
                  (func (export "enum") (result $e) (canon lift (core func $m "f")))
                  (func (export "char") (result char) (canon lift (core func $memory "add1")))
                  (func (export "string") (result string) (canon lift (core func $m "f") %s)))
                """.formatted(ComponentWat.MEMORY.replace("(func (export \"trap\")",
                        "(func (export \"add1\") (result i32) (i32.const 0xD800)) (func (export \"trap\")"),
                ComponentWat.OPTIONS);
        for (String name : List.of("enum", "char", "string")) {
            try (Store fresh = new Store(engine); Component component = Component.fromWat(engine, answer)) {
                ComponentFunc func = new ComponentLinker().instantiate(fresh, component).getFunc(name);
                assertThrows(io.github.wasmton.wasmtime.WasmtimeException.class, func::call, name);
            }
        }
    }
}
