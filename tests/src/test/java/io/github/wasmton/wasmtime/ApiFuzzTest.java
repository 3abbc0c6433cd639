package io.github.wasmton.wasmtime;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/**
 * Promise: no sequence of calls on the public API, on any number of threads, kills the JVM, hangs, throws what is not
 * documented or leaks. For some seconds; {@link Stress} does it for long. {@code -Dwasmton.fuzz.seed} repeats a run, as
 * far as threads can be.
 */
@EnabledOnOs(OS.LINUX)
class ApiFuzzTest {
    private static final int SECONDS = 5;
    private static final long SEED = Long.getLong("wasmton.fuzz.seed", System.nanoTime());
    /** What a run may leave behind: the allocator's and the compiler's caches. */
    private static final long FLAT = 96L << 20;

    @Test
    void nothingUndocumentedHappens() throws Exception {
        System.out.println("API fuzzer: -Dwasmton.fuzz.seed=" + SEED);
        try (ApiFuzzer fuzzer = new ApiFuzzer()) {
            fuzzer.storm(SEED, SECONDS);
            Thread.sleep(500);
            long before = ApiFuzzer.residentBytes();
            fuzzer.storm(SEED + 100, 2 * SECONDS);
            Thread.sleep(500);
            long after = ApiFuzzer.residentBytes();
            System.out.println(fuzzer.operations() + " operations, resident " + (before >> 20) + " -> " + (after >> 20)
                    + " MiB");
            assertTrue(fuzzer.operations() > 1000, fuzzer.operations() + " operations");
            assertTrue(after - before < FLAT, (after - before) + " bytes more, seed " + SEED);
        }
    }
}
