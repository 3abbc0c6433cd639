package io.github.wasmton.wasmtime;

import static io.github.wasmton.wasmtime.WasmValType.I32;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import io.github.wasmton.testing.OnThread;
import io.github.wasmton.testing.Wasm;

class ModuleTest {
    private static final String SEVEN = "(module (func (export \"f\") (result i32) (i32.const 7)))";
    /** A module in the binary format, equal to the one in the text format. */
    private static final byte[] SEVEN_BINARY = HexFormat.of().parseHex(
            "0061736d01000000" + "010501" + "60" + "00" + "01" + "7f" + "03020100" + "070501" + "01" + "66" + "0000"
                    + "0a060104" + "00" + "4107" + "0b");

    @TempDir
    private Path directory;

    private static int call(Module module, Engine engine) {
        try (Store store = new Store(engine); Linker linker = new Linker(store)) {
            return WasmFunctions.func(linker.instantiate(module).getFunc("f"), I32).call();
        }
    }

    @Test
    void compilesBytesTextAndFilesOfEither() throws Exception {
        Path text = Files.writeString(directory.resolve("seven.wat"), SEVEN);
        Path binary = Files.write(directory.resolve("seven.wasm"), SEVEN_BINARY);
        try (Engine engine = new Engine(); Module fromBinary = Module.fromBinary(engine, SEVEN_BINARY);
                Module fromWat = Module.fromWat(engine, SEVEN);
                Module fromText = Module.fromFile(engine, text.toString());
                Module fromFile = Module.fromFile(engine, binary.toString())) {
            assertEquals(7, call(fromBinary, engine));
            assertEquals(7, call(fromWat, engine));
            assertEquals(7, call(fromText, engine));
            assertEquals(7, call(fromFile, engine));
        }
    }

    @Test
    void unreadableFileIsNamed() {
        try (Engine engine = new Engine()) {
            Path missing = directory.resolve("missing.wasm");
            UncheckedIOException e = assertThrows(UncheckedIOException.class,
                    () -> Module.fromFile(engine, missing.toString()));
            assertEquals("cannot read " + missing, e.getMessage());
            assertEquals(NoSuchFileException.class, e.getCause().getClass());
            assertThrows(UncheckedIOException.class, () -> Module.fromFile(engine, directory.toString()));
        }
    }

    @Test
    void rejectsInvalidWebAssemblyWithTheReason() {
        try (Engine engine = new Engine()) {
            assertThrows(WasmtimeException.class, () -> Module.fromBinary(engine, new byte[0]));
            assertThrows(WasmtimeException.class, () -> Module.fromBinary(engine, new byte[] {0, 'a', 's', 'm'}));
            assertThrows(WasmtimeException.class, () -> Module.fromBinary(engine, new byte[1000]));
            assertTrue(assertThrows(WasmtimeException.class, () -> Module.fromWat(engine, "(module (func (bad)))"))
                    .getMessage().contains("bad"));
            // Valid form, wrong type: an i32 is missing.
            WasmtimeException e = assertThrows(WasmtimeException.class,
                    () -> Module.fromWat(engine, "(module (func (result i32)))"));
            assertTrue(e.getMessage().contains("type mismatch"), e.getMessage());
        }
    }

    @Test
    void rejectsEveryTruncatedBinary() {
        try (Engine engine = new Engine()) {
            for (int length = 0; length < SEVEN_BINARY.length; length++) {
                byte[] cut = Arrays.copyOf(SEVEN_BINARY, length);
                if (length != 8 && length != 15) {  // the header, alone or with a type, is a valid empty module
                    assertThrows(WasmtimeException.class, () -> Module.fromBinary(engine, cut), "length " + length);
                }
            }
        }
    }

    /** Nesting that would overflow any thread's stack if it was compiled recursively. */
    @Test
    void deepNestingCompilesOrIsRejected() {
        int depth = 200_000;
        String blocks = "(module (func (export \"f\") (result i32)" + " block".repeat(depth) + " end".repeat(depth)
                + " i32.const 7))";
        String folded = "(module (func (export \"f\") (result i32) " + "(i32.eqz ".repeat(depth) + "(i32.const 7)"
                + ")".repeat(depth) + "))";
        try (Engine engine = new Engine()) {
            for (String wat : new String[] {blocks, folded, "(".repeat(depth)}) {
                try (Module module = Module.fromWat(engine, wat)) {
                    assertTrue(call(module, engine) <= 7);
                } catch (WasmtimeException refused) {
                    assertTrue(refused.getMessage().length() > 10, "a message that says something");
                }
            }
        }
    }

    @Test
    void smallThreadCompilesALargeFunction() {
        StringBuilder wat = new StringBuilder("(module (func (export \"f\") (result i32) (local i32)");
        for (int i = 0; i < 20_000; i++) {
            wat.append(" (local.set 0 (i32.add (local.get 0) (i32.const 1)))");
        }
        wat.append(" (local.get 0)))");
        try (Engine engine = new Engine()) {
            OnThread.run(256 * 1024, () -> Module.fromWat(engine, wat.toString()).close());
            try (Module module = Module.fromWat(engine, wat.toString())) {
                assertEquals(20_000, call(module, engine));
            }
        }
    }

    @Test
    void closingAModuleDoesNotAffectItsInstances() {
        try (Store store = new Store(); Engine engine = store.engine(); Linker linker = new Linker(store)) {
            Module module = Module.fromWat(engine, SEVEN);
            Instance instance = linker.instantiate(module);
            module.close();
            module.close();
            assertEquals(7, WasmFunctions.func(instance.getFunc("f"), I32).call());
            assertThrows(IllegalStateException.class, () -> linker.instantiate(module));
            assertThrows(IllegalStateException.class, () -> linker.module("m", module));
        }
    }

    @Test
    void rejectsAModuleOfAnotherEngineWithoutOtherEffects() {
        try (Engine other = new Engine(); Module module = Module.fromWat(other, SEVEN); Store store = new Store();
                Linker linker = new Linker(store)) {
            assertTrue(assertThrows(WasmtimeException.class, () -> linker.instantiate(module)).getMessage()
                    .contains("Engine"));
            assertTrue(assertThrows(WasmtimeException.class, () -> linker.module("m", module)).getMessage()
                    .contains("Engine"));
            assertEquals(7, WasmFunctions.func(Wasm.instantiate(linker, SEVEN).getFunc("f"), I32).call(),
                    "Store and Linker are as before");
        }
    }

    @Test
    void threadsInstantiateOneModuleConcurrently() {
        try (Engine engine = new Engine(); Module module = Module.fromWat(engine, SEVEN)) {
            OnThread other = OnThread.start("instantiating", () -> {
                for (int i = 0; i < 200; i++) {
                    assertEquals(7, call(module, engine));
                }
            });
            for (int i = 0; i < 200; i++) {
                assertEquals(7, call(module, engine));
            }
            other.join();
        }
    }
}
