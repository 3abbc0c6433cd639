package io.github.wasmton.bench.rivals;

import java.lang.management.ManagementFactory;

import com.sun.management.OperatingSystemMXBean;

/** A program that loads a runtime and a module, calls a function, and prints the JVM's CPU time for all of it. */
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
