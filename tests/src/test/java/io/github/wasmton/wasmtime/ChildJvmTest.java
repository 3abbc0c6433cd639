package io.github.wasmton.wasmtime;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import io.github.wasmton.testing.ChildJvm;

/** Reruns tests of this package in JVMs with other settings. */
@Tag("own-jvm")
// Many tests in one: on a busy machine they take longer than one test may.
@Timeout(value = 30, unit = TimeUnit.MINUTES)
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
    void signalsWorkUnderTheOtherCollectors(String collector) {
        run(new ChildJvm(collector, "-Xmx512m"), 2, SignalsTest.class);
    }

    @Test
    void stackChecksWorkOnThreadsOfExactlyTheRequestedSize() {
        run(new ChildJvm().with("GLIBC_TUNABLES", "glibc.pthread.stack_cache_size=0"), 10, StackTest.class);
    }

    /** Uses the interpreter, whose frames are the largest, and which enters native methods another way. */
    @Test
    void stackChecksAndReentryWorkInTheInterpreter() {
        run(new ChildJvm("-Xint"), 20, StackTest.class, ReentryTest.class);
    }

    /** Runs the JVM's signal handlers first and wasmtime's second, the reverse of the usual order. */
    @Test
    void signalsWorkWithLibjsig() {
        String libjsig = System.getProperty("java.home") + "/lib/libjsig.so";
        run(new ChildJvm("-Xmx512m").with("LD_PRELOAD", libjsig), 2, SignalsTest.class);
    }
}
