package io.github.wasmton.wasmtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

import io.github.wasmton.testing.ChildJvm;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Profiling files are per process, so each test runs in its own JVM. */
@Tag("own-jvm")
@EnabledOnOs(OS.LINUX)
class ProfilingStrategyTest {
    private static final String NAME = "named_for_the_profiler";

    @TempDir
    private Path directory;

    /** Runs a function and prints the id of the process. */
    static class Runs {
        public static void main(String[] args) {
            Config config = new Config().profiler(ProfilingStrategy.valueOf(args[0]));
            try (Engine engine = new Engine(config); Store store = new Store(engine);
                    Linker linker = new Linker(store);
                    Module module = Module.fromWat(engine,
                            "(module (func $" + NAME + " (export \"f\") (result i32) (i32.const 7)))")) {
                assertEquals(7, linker.instantiate(module).getFunc("f").call()[0]);
            }
            System.out.println(ProcessHandle.current().pid());
        }
    }

    private String run(ProfilingStrategy strategy) {
        return new ChildJvm().in(directory).run(Runs.class, strategy.name()).succeeded().out().trim();
    }

    @Test
    void perfMapNamesTheFunctions() throws Exception {
        Path map = Path.of("/tmp/perf-" + run(ProfilingStrategy.PERF_MAP) + ".map");
        try {
            assertTrue(Files.readString(map).contains(NAME), map + " has the name");
        } finally {
            Files.deleteIfExists(map);
        }
    }

    @Test
    void jitDumpHasTheNamesAndCodeOfFunctions() throws Exception {
        Path dump = directory.resolve("jit-" + run(ProfilingStrategy.JIT_DUMP) + ".dump");
        String bytes = Files.readString(dump, StandardCharsets.ISO_8859_1);
        assertTrue(bytes.startsWith("DTiJ") || bytes.startsWith("JiTD"), "the mark of the format");
        assertTrue(bytes.contains(NAME), dump + " has the name");
    }

    @Test
    void vtuneStrategyIsHarmlessWithoutVTune() {
        run(ProfilingStrategy.VTUNE);
    }
}
