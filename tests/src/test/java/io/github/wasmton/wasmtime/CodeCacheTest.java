package io.github.wasmton.wasmtime;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import io.github.wasmton.testing.KeptCode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests swap the code of two modules in the cache: the result of a call then shows if the code was loaded or compiled.
 * {@code GuestCacheTest} covers damage, permissions and other processes.
 */
class CodeCacheTest {
    @TempDir
    private Path directory;

    private Path kept() {
        return directory.resolve("kept");
    }

    private Config caching() {
        return new Config().cache(CodeCache.in(kept()));
    }

    /** Returns a module whose {@code f} returns a number, large enough to be cached. */
    private static String returning(int number) {
        return """
                (module
                  (memory 1)
                  (data (i32.const 0) "%s")
                  (func (export "f") (result i32) (i32.const %d)))
                """.formatted("x".repeat(20_000), number);
    }

    private static int run(Engine engine, Module module) {
        try (module; Store store = new Store(engine); Linker linker = new Linker(store)) {
            return (int) linker.instantiate(module).getFunc("f").call()[0];
        }
    }

    private int run(Config config, int number) {
        try (Engine engine = new Engine(config)) {
            return run(engine, Module.fromWat(engine, returning(number)));
        }
    }

    private List<Path> files() throws IOException {
        return KeptCode.files(kept());
    }

    /** Replaces a file of the cache by the code of a module that returns that number. */
    private static void replace(Path file, int number) throws IOException {
        try (Engine engine = new Engine()) {
            KeptCode.replace(file, engine.precompileModule(returning(number).getBytes(UTF_8)));
        }
    }

    @Test
    void enginesOfEqualSettingsShareCode() throws Exception {
        assertEquals(5, run(caching(), 5));
        assertEquals(5, run(caching(), 5));
        assertEquals(1, files().size());
        replace(files().get(0), 6);
        assertEquals(6, run(caching(), 5));
        assertEquals(7, run(caching(), 7), "another module");
        assertEquals(5, run(new Config(), 5), "an engine without the cache");
    }

    @Test
    void allFactoryMethodsOfModuleUseTheCache() throws Exception {
        String wat = returning(5);
        Path file = Files.writeString(directory.resolve("f.wat"), wat);
        run(caching(), 5);
        replace(files().get(0), 6);
        try (Engine engine = new Engine(caching()); Store store = new Store(engine); Engine same = store.engine()) {
            assertEquals(6, run(engine, Module.fromFile(engine, file.toString())));
            assertEquals(6, run(engine, Module.fromBinary(engine, wat.getBytes(UTF_8))));
            assertEquals(6, run(same, Module.fromWat(same, wat)), "an engine that a Store gave");
        }
    }

    @Test
    void enginesOfOtherSettingsDoNotShareCode() throws Exception {
        run(caching(), 5);
        replace(files().get(0), 6);
        assertEquals(5, run(caching().craneliftOptLevel(OptLevel.NONE), 5));
        assertEquals(5, run(caching().epochInterruption(true), 5));
        assertEquals(3, files().size());
    }

    @Test
    void codeOfOtherSettingsIsCompiledAgain() throws Exception {
        run(caching().epochInterruption(true), 5);
        replace(files().get(0), 6);
        assertEquals(5, run(caching().epochInterruption(true), 5), "that code looks at no epoch");
    }

    @Test
    void doesNotKeepInvalidOrSmallModules() throws Exception {
        try (Engine engine = new Engine(caching())) {
            String invalid = returning(5).replace("result i32", "result i64");
            assertThrows(WasmtimeException.class, () -> Module.fromWat(engine, invalid));
            Module.fromWat(engine, "(module)").close();
        }
        assertEquals(List.of(), files());
    }

    @Test
    void limitKeepsTheNewestFile() throws Exception {
        CodeCache small = CodeCache.in(kept()).withMaxBytes(1);
        run(new Config().cache(small), 5);
        Path first = files().get(0);
        run(new Config().cache(small), 6);
        assertEquals(1, files().size());
        assertFalse(Files.exists(first));
        assertThrows(IllegalArgumentException.class, () -> small.withMaxBytes(-1));
    }
}
