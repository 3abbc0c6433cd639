package io.github.wasmton.wasmtime.testsuite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

import io.github.wasmton.wasmtime.Config;
import io.github.wasmton.wasmtime.Engine;
import io.github.wasmton.wasmtime.WasmFeature;

/**
 * The test suite of WebAssembly's specification, through the public API: the core of the latest version, and each
 * proposal. Every failure counts; {@link Skips} lists what cannot pass, with the reasons.
 */
class TestSuiteTest {
    private static final Path SUITE = Path.of(System.getProperty("wasmton.test.suite"));
    private static final Engine ENGINE = new Engine(new Config().sharedMemory(true)
            .wasmFeature(WasmFeature.CUSTOM_PAGE_SIZES, true).wasmFeature(WasmFeature.WIDE_ARITHMETIC, true));
    /** Engines of earlier versions of WebAssembly, for modules that only these refuse. */
    private static final List<Engine> EARLIER = List.of(
            new Engine(without(WasmFeature.MULTI_MEMORY)),
            new Engine(without(WasmFeature.MULTI_MEMORY, WasmFeature.EXCEPTIONS, WasmFeature.GC,
                    WasmFeature.FUNCTION_REFERENCES, WasmFeature.REFERENCE_TYPES)));
    private static final ExecutorService THREADS =
            Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors());

    private static final Map<String, Integer> SKIPPED = new TreeMap<>();
    private static int passed;

    private static Config without(WasmFeature... features) {
        Config config = new Config().sharedMemory(true);
        for (WasmFeature feature : features) {
            config.wasmFeature(feature, false);
        }
        return config;
    }

    @TestFactory
    Stream<DynamicTest> everyFile() throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.walk(SUITE)) {
            files = all.filter(file -> file.toString().endsWith(".json")).sorted().toList();
        }
        assertTrue(files.size() > 300, files.size() + " files");
        List<DynamicTest> tests = new ArrayList<>();
        for (Path file : files) {
            Future<Script.Result> running = THREADS.submit(() -> run(file));
            tests.add(dynamicTest(SUITE.relativize(file).toString(), () -> check(running.get())));
        }
        tests.add(dynamicTest("the list of what cannot pass", () -> assertEquals(List.of(), Skips.stale())));
        return tests.stream();
    }

    private static Script.Result run(Path file) throws IOException {
        try (Script script = new Script(ENGINE, EARLIER, file)) {
            return script.run();
        }
    }

    private static void check(Script.Result result) {
        passed += result.passed;
        result.skipped.forEach((reason, times) -> SKIPPED.merge(reason, times, Integer::sum));
        assertEquals(List.of(), result.failed, () -> String.join("\n", result.failed));
    }

    @AfterAll
    static void summary() {
        THREADS.shutdown();
        System.out.println("WebAssembly test suite: " + passed + " commands passed; not run: " + SKIPPED);
    }
}
