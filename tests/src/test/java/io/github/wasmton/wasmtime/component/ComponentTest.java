package io.github.wasmton.wasmtime.component;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import io.github.wasmton.wasmtime.CodeCache;
import io.github.wasmton.wasmtime.Config;
import io.github.wasmton.wasmtime.Engine;
import io.github.wasmton.wasmtime.Module;
import io.github.wasmton.wasmtime.Store;
import io.github.wasmton.wasmtime.WasmtimeException;
import io.github.wasmton.wasmtime.component.ComponentType.FuncType;
import io.github.wasmton.wasmtime.component.ComponentType.Primitive;

class ComponentTest {
    private static final String TYPED = """
            (component
              (import "example:store/types@1.2.0" (instance $types
                (export "connection" (type $connection (sub resource)))
                (export "[method]connection.send" (func (param "self" (borrow $connection)) (param "data" (list u8))
                  (result (result u32 (error string)))))
                (export "open" (func (param "name" string) (result (own $connection))))))
              (type $point0 (record (field "x" s32) (field "far-away" (option f64))))
              (import "point" (type $point (eq $point0)))
              (type $shape0 (variant (case "none") (case "at" $point)))
              (import "shape" (type $shape (eq $shape0)))
              (import "draw" (func (param "shape" $shape) (param "both" (tuple char bool))))
              (type $color (enum "red" "green"))
              (type $modes (flags "a" "b"))
              (export "color" (type $color))
              (export "modes" (type $modes)))
            """;
    private static final String ADD = ComponentWat.echo("", "u32");

    @TempDir
    private Path directory;

    @Test
    void importsAndExportsHaveTheirTypes() {
        try (Engine engine = new Engine(); Component component = Component.fromWat(engine, TYPED)) {
            Map<String, ComponentType> imports = component.imports();
            assertEquals(List.of("example:store/types@1.2.0", "draw"), List.copyOf(imports.keySet()));
            assertEquals("interface{connection: resource example:store/types@1.2.0#connection; "
                    + "[method]connection.send: func(self: borrow<example:store/types@1.2.0#connection>, "
                    + "data: list<u8>) -> result<u32, string>; "
                    + "open: func(name: string) -> own<example:store/types@1.2.0#connection>}",
                    imports.get("example:store/types@1.2.0").toString());
            assertEquals("func(shape: variant{none, at(record{x: s32, far-away: option<f64>})}, "
                    + "both: tuple<char, bool>)", imports.get("draw").toString());
            assertEquals("{color=type enum{red, green}, modes=type flags{a, b}}", component.exports().toString());
            assertThrows(UnsupportedOperationException.class, imports::clear);
        }
    }

    @Test
    void typesOfTheSameFormAreEqual() {
        try (Engine engine = new Engine(); Component one = Component.fromWat(engine, TYPED);
             Component other = Component.fromWat(engine, TYPED); Component echo = Component.fromWat(engine, ADD)) {
            assertEquals(one.imports(), other.imports());
            assertEquals(one.imports().hashCode(), other.imports().hashCode());
            assertNotEquals(one.imports(), echo.imports());
            FuncType add = (FuncType) echo.exports().get("add");
            assertEquals(new FuncType(List.of(new ComponentType.Field("a", Primitive.S32),
                    new ComponentType.Field("b", Primitive.S32)), Optional.of(Primitive.S32), false), add);
        }
    }

    @Test
    void everyTypeIsReadAsItIsWritten() {
        String types = "(result) (result u8) (result (error char)) (list u8 3)";
        try (Engine engine = new Engine(new Config())) {
            for (String[] type : new String[][] {{"(result)", "result"}, {"(result u8)", "result<u8>"},
                {"(result (error char))", "result<_, char>"}, {"(tuple s8 u16)", "tuple<s8, u16>"},
                {"(list (option (list s64)))", "list<option<list<s64>>>"}, {"f32", "f32"}}) {
                try (Component component = Component.fromWat(engine,
                        "(component (import \"f\" (func (param \"a-b\" " + type[0] + "))))")) {
                    assertEquals("func(a-b: " + type[1] + ')', component.imports().get("f").toString(), types);
                }
            }
        }
    }

    @Test
    void loadsFromFilesAndFromItsOwnCode() throws Exception {
        Path wat = Files.writeString(directory.resolve("a.wat"), ADD);
        try (Engine engine = new Engine(); Component compiled = Component.fromFile(engine, wat)) {
            byte[] code = compiled.serialize();
            Path file = Files.write(directory.resolve("a.cwasm"), code);
            for (Component component : List.of(compiled, Component.deserialize(engine, code),
                    Component.deserializeFile(engine, file))) {
                try (component; Store store = new Store(engine)) {
                    assertEquals(7, add(store, component));
                }
            }
            assertThrows(IllegalStateException.class, compiled::serialize);
            assertThrows(UncheckedIOException.class, () -> Component.fromFile(engine, directory.resolve("none")));
        }
    }

    private static Object add(Store store, Component component) {
        ComponentLinker linker = new ComponentLinker().define("host", args -> null).define("pong", args -> null);
        return linker.instantiate(store, component).getFunc("add").call(3, 4);
    }

    @Test
    void keepsItsCodeInTheCache() throws Exception {
        // Large enough to be kept.
        String large = ADD.replaceFirst("\\(component", "(component (core module (memory 1) (data (i32.const 0) \""
                + "x".repeat(20_000) + "\"))");
        Path cache = directory.resolve("code");
        for (int i = 0; i < 2; i++) {
            try (Engine engine = new Engine(new Config().cache(CodeCache.in(cache)));
                 Component component = Component.fromWat(engine, large); Store store = new Store(engine)) {
                assertEquals(7, add(store, component));
            }
            try (Stream<Path> files = Files.list(cache)) {
                assertEquals(1, files.count());
            }
        }
    }

    @Test
    void whatIsNoComponentIsRefused() {
        try (Engine engine = new Engine(); Module compiled = Module.fromWat(engine, "(module)")) {
            for (String text : List.of("(module)", "no component", "(component (import \"x\"))")) {
                assertThrows(WasmtimeException.class, () -> Component.fromWat(engine, text), text);
            }
            byte[] code = compiled.serialize();
            assertTrue(assertThrows(WasmtimeException.class, () -> Component.deserialize(engine, code)).getMessage()
                    .contains("this is a compiled module, not a component"));
            assertThrows(WasmtimeException.class, () -> Component.deserialize(engine, new byte[100]));
            byte[] text = ADD.getBytes(StandardCharsets.UTF_8);
            byte[] core = {0, 'a', 's', 'm', 1, 0, 0, 0};
            byte[] component = {0, 'a', 's', 'm', 13, 0, 1, 0};
            for (byte[] module : List.of(core, ";; text\n\n (module)".getBytes(StandardCharsets.UTF_8))) {
                assertTrue(assertThrows(WasmtimeException.class, () -> Component.fromBinary(engine, module))
                        .getMessage().startsWith("this is a core module; Module.fromBinary takes it"));
            }
            for (byte[] other : List.of(component, text)) {
                assertTrue(assertThrows(WasmtimeException.class, () -> Module.fromBinary(engine, other)).getMessage()
                        .startsWith("this is a component; Component.fromBinary takes it"));
            }
        }
    }

    @Test
    void typesThatAreTooLargeAsTextAreAnErrorAndNotTheEndOfTheHeap() {
        // Each tuple holds two of the one before, and the record in them has a long name.
        StringBuilder wat = new StringBuilder("(component (type $r (record (field \"" + "x".repeat(1000) + "\" u8)))"
                + "(import \"r\" (type $t0 (eq $r)))");
        for (int i = 1; i <= 14; i++) {
            wat.append("(type $t").append(i).append(" (tuple $t").append(i - 1).append(" $t").append(i - 1)
                    .append("))");
        }
        wat.append("(import \"f\" (func (param \"x\" $t14)))");
        try (Engine engine = new Engine();
             Component component = Component.fromWat(engine, wat.append(')').toString())) {
            assertTrue(assertThrows(WasmtimeException.class, component::imports).getMessage().contains("as text"));
        }
    }
}
