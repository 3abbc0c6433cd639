package io.github.wasmton.wasmtime;

import static io.github.wasmton.wasmtime.WasmValType.I32;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import io.github.wasmton.testing.ChildJvm;
import io.github.wasmton.wasmtime.component.AsyncWat;
import io.github.wasmton.wasmtime.component.Component;
import io.github.wasmton.wasmtime.component.ComponentFunc;
import io.github.wasmton.wasmtime.component.ComponentLinker;
import io.github.wasmton.wasmtime.wasi.Capture;
import io.github.wasmton.wasmtime.wasi.Output;
import io.github.wasmton.wasmtime.wasi.Wasi;
import io.github.wasmton.wasmtime.wasi.WasiConfig;

/** A smoke test of the binding on each JDK installed beside the one that runs the tests. */
class OtherJdksTest {
    private static final int OLDEST = 17;
    /** The first version whose JVM warns of libraries loaded without native access. */
    private static final int WARNS = 24;
    /** The first version that has virtual threads. */
    private static final int VIRTUAL_THREADS = 21;

    @TempDir
    private Path directory;

    private record Jdk(Path home, int version) {
        static Jdk of(Path home) {
            Properties release = new Properties();
            try (Stream<String> lines = Files.lines(home.resolve("release"))) {
                lines.map(line -> line.split("=", 2)).filter(pair -> pair.length == 2)
                        .forEach(pair -> release.setProperty(pair[0], pair[1].replace("\"", "")));
            } catch (IOException e) {
                return new Jdk(home, 0);
            }
            return new Jdk(home, Integer.parseInt(release.getProperty("JAVA_VERSION", "0").split("[.+-]")[0]));
        }

        @Override
        public String toString() {
            return version + " in " + home;
        }
    }

    /** Returns this JDK, and one of each other version. */
    static List<Jdk> jdks() throws IOException {
        Path own = Path.of(System.getProperty("java.home")).toRealPath();
        List<Jdk> jdks = new ArrayList<>(List.of(Jdk.of(own)));
        try (Stream<Path> beside = Files.list(own.getParent())) {
            for (Path home : beside.filter(home -> Files.isExecutable(home.resolve("bin/java"))).sorted().toList()) {
                Jdk jdk = Jdk.of(home.toRealPath());
                if (jdk.version >= OLDEST && jdks.stream().noneMatch(other -> other.version == jdk.version)) {
                    jdks.add(jdk);
                }
            }
        }
        return jdks;
    }

    private List<String> run(Jdk jdk, Class<?> program, String... options) throws Exception {
        List<String> command = new ArrayList<>(List.of(jdk.home.resolve("bin/java").toString()));
        command.addAll(Arrays.asList(options));
        command.addAll(List.of("-cp", System.getProperty("wasmton.test.classpath"), program.getName()));
        Path output = directory.resolve("output");
        Process process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile()).start();
        boolean ended = ChildJvm.awaitEnd(process);
        String text = Files.readString(output);
        assertTrue(ended, () -> "the JVM hangs: " + command + '\n' + text);
        assertEquals(0, process.exitValue(), text);
        return text.lines().filter(line -> !line.isEmpty()).toList();
    }

    @ParameterizedTest
    @MethodSource("jdks")
    @Tag("own-jvm")
    void everyJdkRunsItWithoutWarnings(Jdk jdk) throws Exception {
        assertEquals(List.of("well"), run(jdk, Smoke.class, "--enable-native-access=ALL-UNNAMED"));
    }

    @ParameterizedTest
    @MethodSource("jdks")
    @Tag("own-jvm")
    void onlyTheJvmWarnsWithoutNativeAccess(Jdk jdk) throws Exception {
        List<String> lines = run(jdk, Smoke.class);
        List<String> warnings = lines.subList(0, lines.size() - 1);
        if (jdk.version < WARNS) {
            assertEquals(List.of(), warnings);
        } else {
            assertEquals(4, warnings.size(), lines::toString);
            assertTrue(warnings.stream().allMatch(line -> line.startsWith("WARNING: ")), lines::toString);
            assertTrue(warnings.get(1).contains("System::load"), lines::toString);
        }
        assertEquals("well", lines.get(lines.size() - 1));
    }

    @ParameterizedTest
    @MethodSource("jdks")
    @Tag("own-jvm")
    void virtualThreadsCallWasm(Jdk jdk) throws Exception {
        runsOnOneCarrier(jdk, Virtual.class);
    }

    @ParameterizedTest
    @MethodSource("jdks")
    @Tag("own-jvm")
    void virtualThreadsWaitForAsyncCallsWithoutACarrier(Jdk jdk) throws Exception {
        runsOnOneCarrier(jdk, VirtualAsync.class);
    }

    private void runsOnOneCarrier(Jdk jdk, Class<?> program) throws Exception {
        assumeTrue(jdk.version >= VIRTUAL_THREADS, () -> "no virtual threads: " + jdk);
        assertEquals(List.of("well"), run(jdk, program, "--enable-native-access=ALL-UNNAMED",
                "-Djdk.virtualThreadScheduler.parallelism=1", "-Djdk.virtualThreadScheduler.maxPoolSize=1"));
    }

    @Test
    void testCoversTheJdkOfTheTests() throws IOException {
        assertEquals(Runtime.version().feature(), jdks().get(0).version);
    }

    static class Smoke {
        private static final String GUEST = """
                (module
                  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
                  (import "host" "triple" (func $triple (param i32) (result i32)))
                  (memory (export "memory") 1)
                  (data (i32.const 8) "\\20\\00\\00\\00\\05\\00\\00\\00")
                  (data (i32.const 32) "hello")
                  (func (export "write") (result i32)
                    (call $write (i32.const 1) (i32.const 8) (i32.const 1) (i32.const 0)))
                  (func (export "triple") (param i32) (result i32) (call $triple (local.get 0)))
                  (func (export "trap") (drop (i32.load (i32.const -1)))))""";

        public static void main(String[] args) {
            Capture capture = new Capture(100);
            try (Store store = new Store(); Linker linker = new Linker(store); Engine engine = store.engine();
                    Module module = Module.fromWat(engine, GUEST)) {
                new Wasi(store, WasiConfig.builder().stdout(Output.stream(capture)).build()).addToLinker(linker);
                linker.define("host", "triple", Extern.fromFunc(WasmFunctions.wrap(store, I32, I32, n -> 3 * n)));
                Instance guest = linker.instantiate(module);
                check(WasmFunctions.func(guest.getFunc("triple"), I32, I32).call(14) == 42, "a host function");
                check(WasmFunctions.func(guest.getFunc("write"), I32).call() == 0, "a WASI call");
                check(capture.text().equals("hello"), "a Java stream");
                byte[] bytes = new byte[5];
                guest.getMemory("memory").buffer().get(32, bytes);
                check(new String(bytes, StandardCharsets.UTF_8).equals("hello"), "a buffer");
                for (int i = 0; i < 1000; i++) {
                    try {
                        WasmFunctions.consumer(guest.getFunc("trap")).accept();
                        throw new AssertionError("no trap");
                    } catch (TrapException e) {
                        check(e.code() == TrapCode.MEMORY_OUT_OF_BOUNDS, "a trap by a signal");
                    }
                }
            }
            System.out.println("well");
        }

    }

    /** Calls, host functions that wait, traps and endless recursion on virtual threads of one carrier. */
    static class Virtual {
        private static final int THREADS = 100;
        private static final String GUEST = """
                (module
                  (import "host" "triple" (func $triple (param i32) (result i32)))
                  (func (export "triple") (param i32) (result i32) (call $triple (local.get 0)))
                  (func (export "trap") unreachable)
                  (func $endless (export "endless") (call $endless) (call $endless)))""";

        public static void main(String[] args) throws Exception {
            AtomicInteger passed = new AtomicInteger();
            try (Engine engine = new Engine(); Module module = Module.fromWat(engine, GUEST)) {
                Runnable task = () -> {
                    call(engine, module);
                    passed.incrementAndGet();
                };
                // By reflection, because the tests are compiled for Java 17.
                Method start = Thread.class.getMethod("startVirtualThread", Runnable.class);
                List<Thread> threads = new ArrayList<>();
                for (int i = 0; i < THREADS; i++) {
                    threads.add((Thread) start.invoke(null, task));
                }
                for (Thread thread : threads) {
                    thread.join();
                }
            }
            check(passed.get() == THREADS, passed + " of " + THREADS + " virtual threads");
            System.out.println("well");
        }

        private static void call(Engine engine, Module module) {
            try (Store store = new Store(engine); Linker linker = new Linker(store)) {
                linker.define("host", "triple", WasmFunctions.wrap(I32, I32, n -> {
                    LockSupport.parkNanos(1_000_000);
                    return 3 * n;
                }));
                Instance guest = linker.instantiate(module);
                check(WasmFunctions.func(guest.getFunc("triple"), I32, I32).call(14) == 42, "a host function");
                check(codeOf(guest, "trap") == TrapCode.UNREACHABLE_CODE_REACHED, "a trap");
                check(codeOf(guest, "endless") == TrapCode.STACK_OVERFLOW, "endless recursion");
            }
        }

        private static TrapCode codeOf(Instance guest, String function) {
            try {
                WasmFunctions.consumer(guest.getFunc(function)).accept();
            } catch (TrapException e) {
                return e.code();
            }
            throw new AssertionError("no trap");
        }
    }

    /** Virtual threads of one carrier that wait for each other by calls of a component. */
    static class VirtualAsync {
        private static final int THREADS = 1000;

        public static void main(String[] args) throws Exception {
            Config config = new Config().wasmFeature(WasmFeature.COMPONENT_MODEL_ASYNC, true);
            AtomicInteger waiting = new AtomicInteger();
            AtomicInteger passed = new AtomicInteger();
            CompletableFuture<Void> all = new CompletableFuture<>();
            try (Engine engine = new Engine(config); Component component = Component.fromWat(engine, AsyncWat.WAITER);
                    Store store = new Store(engine)) {
                ComponentFunc wait = new ComponentLinker().define("host", values -> {
                    // The last one lets all go on, so each has to have begun: none may keep the carrier.
                    if (waiting.incrementAndGet() == THREADS) {
                        all.complete(null);
                    }
                    return all.thenApply(any -> values[0]);
                }).instantiate(store, component).getFunc("wait");
                Method start = Thread.class.getMethod("startVirtualThread", Runnable.class);
                List<Thread> threads = new ArrayList<>();
                for (int i = 0; i < THREADS; i++) {
                    long value = i;
                    threads.add((Thread) start.invoke(null, (Runnable) () -> {
                        check(wait.callAsync(value).join().equals(value), "an async call");
                        passed.incrementAndGet();
                    }));
                }
                for (Thread thread : threads) {
                    thread.join();
                }
            }
            check(passed.get() == THREADS, passed + " of " + THREADS + " virtual threads");
            System.out.println("well");
        }
    }

    private static void check(boolean condition, String what) {
        if (!condition) {
            throw new AssertionError(what + " does not work");
        }
    }
}
