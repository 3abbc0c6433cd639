package io.github.wasmton.bench.rivals;

import java.lang.management.ManagementFactory;

import com.sun.management.OperatingSystemMXBean;

/** Loads a runtime and a module, calls a function, and prints what processor time the JVM took for all that. */
final class ColdStart {
    private ColdStart() {}

    public static void main(String[] args) {
        if (Rival.of(args[0]).add(1, 2) != 3) {
            throw new AssertionError();
        }
        System.out.println(
                ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime());
    }
}
