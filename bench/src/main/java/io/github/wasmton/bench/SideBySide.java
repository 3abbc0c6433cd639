package io.github.wasmton.bench;

import java.lang.management.ManagementFactory;

import com.sun.management.ThreadMXBean;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/**
 * What two things take that a benchmark does in turn, each for a tenth of a millisecond or so at a time. A machine whose
 * speed changes, as that of shared ones does all the time, changes both alike. Times are those of the processor.
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

    /** What is measured follows. */
    void measure() {
        bytes = THREADS.getCurrentThreadAllocatedBytes();
        nanos = THREADS.getCurrentThreadCpuTime();
    }

    /** What it is held against follows. */
    void limit() {
        measuredNanos += time();
        measuredBytes += THREADS.getCurrentThreadAllocatedBytes() - bytes;
        nanos = THREADS.getCurrentThreadCpuTime();
    }

    /** Both are done, so many times each. */
    void end(int times) {
        limitNanos += time();
        operations += times;
    }

    private long time() {
        return THREADS.getCurrentThreadCpuTime() - nanos;
    }
}
