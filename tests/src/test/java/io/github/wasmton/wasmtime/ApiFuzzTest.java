package io.github.wasmton.wasmtime;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

import io.github.wasmton.testing.Fuzzer;
import io.github.wasmton.wasmtime.component.ComponentFuzzer;

/**
 * Promise: no sequence of calls of the public API, on any number of threads, kills the JVM, hangs, throws undocumented
 * exceptions or leaks. This test runs for seconds, {@link Stress} for longer. {@code -Dwasmton.fuzz.seed} repeats a
 * run, as far as thread scheduling allows.
 */
@EnabledOnOs(OS.LINUX)
class ApiFuzzTest {
    private static final int SECONDS = 5;
    private static final long SEED = Long.getLong("wasmton.fuzz.seed", System.nanoTime());
    /** Memory that a run may leave behind, for caches of the allocator and the compiler. */
    private static final long FLAT = 96L << 20;

    @Test
    void randomCallsDoOnlyWhatIsDocumented() throws Exception {
        attack(new ApiFuzzer());
    }

    @Test
    void randomCallsOfComponentsDoOnlyWhatIsDocumented() throws Exception {
        attack(new ComponentFuzzer());
    }

    private static void attack(Fuzzer<?> attacker) throws Exception {
        System.out.println(attacker.getClass().getSimpleName() + ": -Dwasmton.fuzz.seed=" + SEED);
        try (Fuzzer<?> fuzzer = attacker) {
            fuzzer.storm(SEED, SECONDS);
            Thread.sleep(500);
            long before = Fuzzer.residentBytes();
            fuzzer.storm(SEED + 100, 2 * SECONDS);
            Thread.sleep(500);
            long after = Fuzzer.residentBytes();
            System.out.println(fuzzer.operations() + " operations, resident " + (before >> 20) + " -> " + (after >> 20)
                    + " MiB");
            assertTrue(fuzzer.operations() > 1000, fuzzer.operations() + " operations");
            assertTrue(after - before < FLAT, (after - before) + " bytes more, seed " + SEED);
        }
    }
}
