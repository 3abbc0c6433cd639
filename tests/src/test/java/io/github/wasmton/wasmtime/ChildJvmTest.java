package io.github.wasmton.wasmtime;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import io.github.wasmton.testing.ChildJvm;

/** Runs tests of this package once more, in JVMs that are not like this one. */
@Tag("own-jvm")
class ChildJvmTest {
    private static void run(ChildJvm jvm, int atLeast, Class<?>... tests) {
        String[] selection = new String[2 * tests.length];
        for (int i = 0; i < tests.length; i++) {
            selection[2 * i] = "--select-class";
            selection[2 * i + 1] = tests[i].getName();
        }
        ChildJvm.Result result = jvm.runTests(selection);
        assertTrue(result.passed() >= atLeast, result.out());
    }

    @ParameterizedTest
    @ValueSource(strings = {"-XX:+UseSerialGC", "-XX:+UseParallelGC", "-XX:+UseZGC"})
    void signalsUnderTheOtherCollectors(String collector) {
        run(new ChildJvm(collector, "-Xmx512m"), 2, SignalsTest.class);
    }

    @Test
    void stacksOfThreadsThatAreAsSmallAsTheyWereAskedToBe() {
        run(new ChildJvm().with("GLIBC_TUNABLES", "glibc.pthread.stack_cache_size=0"), 10, StackTest.class);
    }

    /** Frames of the interpreter are the largest, and its way into native methods is another. */
    @Test
    void stacksAndReentryInTheInterpreter() {
        run(new ChildJvm("-Xint"), 20, StackTest.class, ReentryTest.class);
    }

    /** The JVM's own handlers first, wasmtime's chained behind them: the other order that there can be. */
    @Test
    void signalsWithLibjsig() {
        String libjsig = System.getProperty("java.home") + "/lib/libjsig.so";
        run(new ChildJvm("-Xmx512m").with("LD_PRELOAD", libjsig), 2, SignalsTest.class);
    }
}
