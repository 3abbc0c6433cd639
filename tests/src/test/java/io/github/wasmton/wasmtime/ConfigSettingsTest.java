package io.github.wasmton.wasmtime;

import static io.github.wasmton.wasmtime.WasmValType.I32;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;

import org.junit.jupiter.api.Test;

/** Every setting of {@link Config} reaches wasmtime, and code runs with it. */
class ConfigSettingsTest {
    private static final String ADD = """
            (module (memory (export "memory") 1 2) (func (export "f") (param i32) (result i32)
              i32.const 8 local.get 0 i32.store i32.const 8 i32.load i32.const 1 i32.add))""";

    private static int add(Config config, int n) {
        try (Engine engine = new Engine(config); Store store = new Store(engine); Linker linker = new Linker(store);
             Module module = Module.fromWat(engine, ADD)) {
            return WasmFunctions.func(linker.instantiate(module).getFunc("f"), I32, I32).call(n);
        }
    }

    @Test
    void codeRunsWithEachSetting() {
        for (Config config : List.of(
                new Config().craneliftOptLevel(OptLevel.NONE), new Config().craneliftOptLevel(OptLevel.SPEED),
                new Config().craneliftOptLevel(OptLevel.SPEED_AND_SIZE),
                new Config().craneliftNanCanonicalization(true), new Config().parallelCompilation(false),
                new Config().profiler(ProfilingStrategy.NONE), new Config().nativeUnwindInfo(true),
                new Config().wasmBacktraceDetails(true), new Config().coredumpOnTrap(true),
                new Config().memoryReservation(1 << 20), new Config().memoryGuardSize(1 << 16),
                new Config().memoryInitCow(false), new Config().sharedMemory(true),
                new Config().relaxedSimdDeterministic(true), new Config().signalsBasedTraps(false))) {
            assertEquals(8, add(config, 7), String.join(" ", config.settings()));
        }
    }

    @Test
    void featuresCanBeTurnedOff() {
        for (String wat : List.of("SIMD (func (result v128) v128.const i64x2 0 0)",
                "MULTI_MEMORY (memory 1) (memory 1)", "MEMORY64 (memory i64 1)",
                "EXCEPTIONS (tag)", "TAIL_CALL (func $f return_call $f)",
                "MULTI_VALUE (func (result i32 i32) unreachable)",
                "GC (type (struct))", "THREADS (memory 1) (func atomic.fence)",
                "BULK_MEMORY (memory 1) (func (memory.fill (i32.const 0) (i32.const 0) (i32.const 0)))")) {
            WasmFeature feature = WasmFeature.valueOf(wat.substring(0, wat.indexOf(' ')));
            String module = "(module " + wat.substring(wat.indexOf(' ')) + ")";
            try (Engine engine = new Engine()) {
                Module.fromWat(engine, module).close();
            }
            Config without = new Config().wasmFeature(feature, false);
            if (feature == WasmFeature.SIMD) {
                without.wasmFeature(WasmFeature.RELAXED_SIMD, false);
            }
            try (Engine engine = new Engine(without)) {
                assertThrows(WasmtimeException.class, () -> Module.fromWat(engine, module).close(), wat);
            }
        }
    }

    @Test
    void everyFeatureCanBeSet() {
        for (WasmFeature feature : WasmFeature.values()) {
            try {
                assertEquals(3, add(new Config().wasmFeature(feature, true), 2), feature.toString());
            } catch (IllegalArgumentException e) {
                throw new AssertionError(feature + " is not known", e);
            }
        }
    }

    @Test
    void poolHasDefaultsWithoutSettings() {
        try (Engine engine = new Engine(new Config().allocationStrategy(new PoolingAllocationConfig()));
             Store store = new Store(engine); Linker linker = new Linker(store);
             Module module = Module.fromWat(engine, "(module)")) {
            for (int i = 0; i < 1000; i++) {
                linker.instantiate(module);
            }
            assertThrows(WasmtimeException.class, () -> linker.instantiate(module));
        }
    }

    @Test
    void poolServesInstancesUpToItsLimit() {
        PoolingAllocationConfig pool = new PoolingAllocationConfig().totalCoreInstances(2).totalMemories(2)
                .totalTables(2).totalGcHeaps(2).maxMemorySize(1 << 20).maxMemoriesPerModule(2).maxTablesPerModule(2)
                .maxCoreInstanceSize(1 << 16).tableElements(100).maxUnusedWarmSlots(1)
                .linearMemoryKeepResident(65_536).tableKeepResident(4096);
        Config config = new Config().allocationStrategy(pool).memoryReservation(1 << 20);
        assertEquals(8, add(config, 7));
        try (Engine engine = new Engine(config); Store store = new Store(engine); Linker linker = new Linker(store);
             Module module = Module.fromWat(engine, ADD)) {
            linker.instantiate(module);
            linker.instantiate(module);
            assertThrows(WasmtimeException.class, () -> linker.instantiate(module));
        }
        assertThrows(IllegalArgumentException.class, () -> new PoolingAllocationConfig().totalMemories(-1));
    }
}
