package io.github.wasmton.bench;

import java.lang.management.ManagementFactory;

import com.sun.management.ThreadMXBean;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/**
 * The CPU times of two operations that a benchmark does in turn, each for about a tenth of a millisecond at a time.
 * Changes in the speed of the machine, which are constant on shared ones, then affect both alike.
 */
@State(Scope.Thread)
@AuxCounters(AuxCounters.Type.EVENTS)
public class SideBySide {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    public long operations;
    public long measuredNanos;
    public long measuredBytes;
    public long limitNanos;

    private long nanos;
    private long bytes;

    /** Begins the measured operation. */
    void measure() {
        bytes = THREADS.getCurrentThreadAllocatedBytes();
        nanos = THREADS.getCurrentThreadCpuTime();
    }

    /** Begins the reference operation. */
    void limit() {
        measuredNanos += time();
        measuredBytes += THREADS.getCurrentThreadAllocatedBytes() - bytes;
        nanos = THREADS.getCurrentThreadCpuTime();
    }

    /** Ends a turn in which both were done that many times. */
    void end(int times) {
        limitNanos += time();
        operations += times;
    }

    private long time() {
        return THREADS.getCurrentThreadCpuTime() - nanos;
    }
}
