package io.github.wasmton.wasmtime;

import static io.github.wasmton.wasmtime.WasmValType.FUNCREF;
import static io.github.wasmton.wasmtime.WasmValType.I32;
import static io.github.wasmton.wasmtime.WasmValType.I64;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Imports, exports and serialized code of a {@link Module}. */
class ModuleCodeTest {
    private static final String SQUARE = """
            (module $squares (func (export "f") (param i32) (result i32) local.get 0 local.get 0 i32.mul))""";
    private static final byte[] EMPTY = {0, 'a', 's', 'm', 1, 0, 0, 0};

    @TempDir
    private Path directory;
    private final Engine engine = new Engine();

    @AfterEach
    void close() {
        engine.close();
    }

    private int square(Module module, int n) {
        try (module; Store store = new Store(engine); Linker linker = new Linker(store)) {
            return WasmFunctions.func(linker.instantiate(module).getFunc("f"), I32, I32).call(n);
        }
    }

    @Test
    void moduleListsItsImportsAndExports() {
        try (Module module = Module.fromWat(engine, """
                (module (import "a" "f" (func (param i32) (result i64))) (import "a" "g" (global (mut i32)))
                  (import "b" "" (memory 1 2)) (table (export "t") 3 funcref)
                  (memory (export "m 64") i64 1) (tag (export "e") (param i64)))""")) {
            assertEquals(List.of(
                    new ImportType("a", "f", new FuncType(List.of(I32), List.of(I64))),
                    new ImportType("a", "g", new GlobalType(I32, true)),
                    new ImportType("b", "", new MemoryType(1, 2))), module.imports());
            assertEquals(List.of(
                    new ExportType("t", new TableType(FUNCREF, 3)),
                    new ExportType("m 64", new MemoryType(1, OptionalLong.empty(), true, false, 65_536)),
                    new ExportType("e", new TagType(new FuncType(List.of(I64), List.of())))), module.exports());
            assertEquals(Optional.empty(), module.name());
        }
    }

    @Test
    void validateNamesTheFault() {
        Module.validate(engine, EMPTY);
        byte[] wrong = EMPTY.clone();
        wrong[4] = 9;
        assertThrows(WasmtimeException.class, () -> Module.validate(engine, wrong));
        assertThrows(WasmtimeException.class, () -> Module.validate(engine, new byte[0]));
    }

    @Test
    void compiledCodeCanBeSerialized() throws Exception {
        byte[] code;
        try (Module module = Module.fromWat(engine, SQUARE)) {
            assertEquals(Optional.of("squares"), module.name());
            code = module.serialize();
        }
        assertEquals(49, square(Module.deserialize(engine, code), 7));
        byte[] precompiled = engine.precompileModule(SQUARE.getBytes(StandardCharsets.UTF_8));
        assertEquals(81, square(Module.deserialize(engine, precompiled), 9));
        Path file = Files.write(directory.resolve("square.cwasm"), precompiled);
        assertEquals(121, square(Module.deserializeFile(engine, file), 11));
    }

    @Test
    void deserializeRejectsOtherBytes() throws Exception {
        for (byte[] other : List.of(new byte[0], EMPTY, new byte[1000])) {
            String message = assertThrows(WasmtimeException.class, () -> Module.deserialize(engine, other))
                    .getMessage();
            assertTrue(message.startsWith("this is not what Module.serialize"), message);
            Path file = Files.write(directory.resolve("other"), other);
            assertThrows(WasmtimeException.class, () -> Module.deserializeFile(engine, file));
        }
        assertThrows(WasmtimeException.class, () -> Module.deserializeFile(engine, directory.resolve("missing")));
        byte[] code = engine.precompileModule(EMPTY);
        try (Engine unlike = new Engine(new Config().signalsBasedTraps(false))) {
            assertThrows(WasmtimeException.class, () -> Module.deserialize(unlike, code));
        }
    }
}
