package io.github.wasmton.bench.rivals;

/**
 * A program that loads a runtime and a module, calls a function, and prints the JVM's CPU time for all of it. Without
 * an argument it does nothing but that. It asks the system for the time, which takes fewer classes than an MXBean.
 */
final class ColdStart {
    private ColdStart() {}

    public static void main(String[] args) {
        if (args.length > 0 && Rival.of(args[0]).add(1, 2) != 3) {
            throw new AssertionError();
        }
        System.out.println(ProcessHandle.current().info().totalCpuDuration().orElseThrow().toNanos());
    }
}
