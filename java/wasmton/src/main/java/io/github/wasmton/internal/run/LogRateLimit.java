package io.github.wasmton.internal.run;

import java.time.Duration;
import java.util.function.LongSupplier;

/** Limits the lines of one kind in a stretch of time, and counts the rest. Any thread may use it. */
final class LogRateLimit {
    static final int LINES = 100;
    static final Duration STRETCH = Duration.ofSeconds(10);
    /** Answer for a line too many. */
    static final long NO = -1;

    private final LongSupplier nanos;
    private long stretchEnd;
    private int lines;
    private long leftOut;

    /** Makes a limit with that clock. */
    LogRateLimit(LongSupplier nanos) {
        this.nanos = nanos;
        this.stretchEnd = nanos.getAsLong();
    }

    /** Returns {@link #NO}, or the number of lines left out since the last one that was not. */
    synchronized long admit() {
        long now = nanos.getAsLong();
        if (now - stretchEnd >= 0) {
            stretchEnd = now + STRETCH.toNanos();
            lines = 0;
        }
        if (lines >= LINES) {
            leftOut++;
            return NO;
        }
        lines++;
        return takeLeftOut();
    }

    /** Returns the number of lines left out that no line has told of yet. */
    synchronized long takeLeftOut() {
        long taken = leftOut;
        leftOut = 0;
        return taken;
    }
}
