package io.github.wasmton.wasmtime.component;

import static io.github.wasmton.testing.TestGuests.assertDeadline;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import io.github.wasmton.guest.Outcome;
import io.github.wasmton.testing.Await;
import io.github.wasmton.testing.ProbeStore;
import io.github.wasmton.testing.TestServer;
import io.github.wasmton.testing.Wasm;
import io.github.wasmton.wasmtime.Config;
import io.github.wasmton.wasmtime.Engine;
import io.github.wasmton.wasmtime.ExitException;
import io.github.wasmton.wasmtime.Store;
import io.github.wasmton.wasmtime.TrapCode;
import io.github.wasmton.wasmtime.TrapException;
import io.github.wasmton.wasmtime.WasmtimeException;
import io.github.wasmton.wasmtime.wasi.Capture;
import io.github.wasmton.wasmtime.wasi.Input;
import io.github.wasmton.wasmtime.wasi.NetworkAccess;
import io.github.wasmton.wasmtime.wasi.Output;
import io.github.wasmton.wasmtime.wasi.Wasi;
import io.github.wasmton.wasmtime.wasi.WasiConfig;

/** Components get WASI 0.2 from the same configuration as modules get preview 1. */
class ComponentWasiTest {
    static final String RANDOM = """
            (component
              (import "wasi:random/random@0.2.0" (instance $random
                (export "get-random-u64" (func (result u64)))))
              (alias export $random "get-random-u64" (func $get))
              (core func $get (canon lower (func $get)))
              (func (export "get") (result u64) (canon lift (core func $get))))
            """;

    private final Engine engine = new Engine();
    private final Store store = new Store(engine);

    @AfterEach
    void close() {
        store.close();
        engine.close();
    }

    @Test
    void theSeedDecidesRandomNumbers() {
        try (Component component = Component.fromWat(engine, RANDOM)) {
            ComponentLinker linker = new ComponentLinker();
            String missing =
                    assertThrows(WasmtimeException.class, () -> linker.instantiate(store, component)).getMessage();
            assertTrue(missing.contains("Wasi.addToLinker(linker)"), missing);
            new Wasi(store, WasiConfig.builder().randomSeed(0).build());
            Wasi.addToLinker(linker);
            // The first number of SplitMix64 for the seed 0.
            assertEquals(0xe220a8397b1dcdafL, linker.instantiate(store, component).getFunc("get").call());
        }
    }

    @Test
    void aJavaFunctionTakesThePlaceOfOneOfWasi() {
        try (Component component = Component.fromWat(engine, RANDOM)) {
            ComponentLinker linker =
                    new ComponentLinker().define("wasi:random/random@0.2.3", "get-random-u64", args -> 4);
            new Wasi(store, WasiConfig.EMPTY);
            Wasi.addToLinker(linker);
            assertEquals(4L, linker.instantiate(store, component).getFunc("get").call());
        }
    }

    @Test
    void aJavaClockTakesThePlaceOfWasis() {
        String clock = """
                (component
                  (import "wasi:clocks/monotonic-clock@0.2.0" (instance $clock (export "now" (func (result u64)))))
                  (alias export $clock "now" (func $now))
                  (core func $now (canon lower (func $now)))
                  (func (export "now") (result u64) (canon lift (core func $now))))
                """;
        AtomicLong time = new AtomicLong(1_000);
        try (Component component = Component.fromWat(engine, clock)) {
            ComponentLinker linker = new ComponentLinker()
                    .define("wasi:clocks/monotonic-clock@0.2.0", "now", args -> time.get());
            new Wasi(store, WasiConfig.EMPTY);
            Wasi.addToLinker(linker);
            ComponentFunc now = linker.instantiate(store, component).getFunc("now");
            assertEquals(1_000L, now.call());
            time.set(2_000);
            assertEquals(2_000L, now.call());
        }
    }

    @Test
    void aJavaFunctionTakesThePlaceOfOneOfFiles(@TempDir Path folder) {
        List<Object> made = new ArrayList<>();
        WasiConfig config = WasiConfig.builder().readWriteDir(folder, "/").build();
        for (boolean onFibers : new boolean[] {false, true}) {
            made.clear();
            try (ProbeStore probe = new ProbeStore(config, onFibers, linker ->
                    linker.define("wasi:filesystem/types@0.2.0", "[method]descriptor.create-directory-at", args -> {
                        if (made.size() == 2) {
                            throw new ComponentException("insufficient-space");
                        }
                        assertTrue(args[0] instanceof ComponentResource, "the directory");
                        made.add(args[1]);
                        return null;
                    }))) {
                assertSame(Outcome.DONE, probe.process(Await.LIMIT, "hold new-directories 3 /made"));
                assertEquals(List.of("made0", "made1"), made);
                assertTrue(probe.log().get(0).startsWith("2 "), probe.log().toString());
            }
            assertEquals(0, folder.toFile().list().length, "WASI made none");
        }
    }

    @Test
    void aDeadlineEndsABlockingReadOfAStream() throws Exception {
        try (TestServer server = new TestServer(TestServer::silence);
             ProbeStore probe = new ProbeStore(
                     WasiConfig.builder().network(NetworkAccess.to(server.address())).build(), false)) {
            assertDeadline(probe.process(Duration.ofMillis(300), "exchange " + server.address() + " hello"));
        }
    }

    @Test
    void refusesAStoreWithoutWasi() {
        try (Component component = Component.fromWat(engine, RANDOM)) {
            ComponentLinker linker = new ComponentLinker();
            Wasi.addToLinker(linker);
            String missing =
                    assertThrows(IllegalStateException.class, () -> linker.instantiate(store, component)).getMessage();
            assertTrue(missing.contains("new Wasi(store, config)"), missing);
            // Nothing of WASI is left for the Store to do.
            linker.define("wasi:random/random@0.2.3", "get-random-u64", args -> 4);
            assertEquals(4L, linker.instantiate(store, component).getFunc("get").call());
        }
    }

    @Test
    void aDeadlineEndsAWait() {
        Config config = new Config().epochInterruption(true).epochTick(Duration.ofMillis(1));
        try (Engine ticking = new Engine(config); Store limited = new Store(ticking);
             Component component = Component.fromFile(ticking, Wasm.built("command"))) {
            ComponentLinker linker = new ComponentLinker();
            new Wasi(limited, WasiConfig.builder().args("command", "sleep").build());
            Wasi.addToLinker(linker);
            ComponentFunc run = linker.instantiate(limited, component).getFunc("wasi:cli/run@0.2.0", "run");
            assertEquals(TrapCode.INTERRUPT, assertThrows(TrapException.class,
                    () -> limited.callWithin(Duration.ofMillis(50), run::call)).code());
        }
    }

    @Test
    void aRustCommandRuns() {
        Path file = Wasm.built("command");
        Capture output = new Capture(1 << 20);
        WasiConfig config = WasiConfig.builder().args("command", "ärger").env("REGION", "eu")
                .stdin(Input.bytes("some input".getBytes(StandardCharsets.UTF_8))).stdout(Output.stream(output))
                .build();
        try (Component component = Component.fromFile(engine, file)) {
            ComponentLinker linker = new ComponentLinker();
            new Wasi(store, config);
            Wasi.addToLinker(linker);
            ComponentFunc run = linker.instantiate(store, component).getFunc("wasi:cli/run@0.2.0", "run");
            // WASI 0.2 tells success from failure, and no more.
            assertEquals(1, assertThrows(ExitException.class, run::call).status());
        }
        assertEquals("ärger in eu read some input\n", output.text());
    }
}
