package io.github.wasmton.internal.run;

import java.time.Duration;
import java.util.function.LongSupplier;

/** Which lines of one kind go to the log: so many in a stretch of time. The rest is counted. Any thread may use it. */
final class LogRateLimit {
    static final int LINES = 100;
    static final Duration STRETCH = Duration.ofSeconds(10);
    /** The line is one too many. */
    static final long NO = -1;

    private final LongSupplier nanos;
    private long stretchEnd;
    private int lines;
    private long leftOut;

    /** With that clock. */
    LogRateLimit(LongSupplier nanos) {
        this.nanos = nanos;
        this.stretchEnd = nanos.getAsLong();
    }

    /** {@link #NO}, or how many lines have been left out since the last one that was not. */
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

    /** How many lines have been left out that nobody was told of. */
    synchronized long takeLeftOut() {
        long taken = leftOut;
        leftOut = 0;
        return taken;
    }
}
