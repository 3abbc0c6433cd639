package io.github.wasmton.internal.monitoring;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;

import io.github.wasmton.internal.stats.TaskCounters;
import io.github.wasmton.internal.text.Quantity;

/** A line about the tasks since the last such line. One thread uses it. */
final class SummaryLine {
    private final TaskCounters counters;
    private long done;
    private long deadLettered;
    private long skipped;
    private long stopped;
    private long retried;
    private long replaced;
    private long timed;
    private long nanos;

    SummaryLine(TaskCounters counters) {
        this.counters = counters;
    }

    /** Returns the line; empty if nothing was done and nothing is to do. */
    String line(Duration since, Collection<Long> lagByPartition) {
        List<String> parts = new ArrayList<>();
        long newDone = -done + (done = counters.done());
        add(parts, -deadLettered + (deadLettered = counters.deadLettered()), "dead-lettered");
        add(parts, -skipped + (skipped = counters.skipped()), "skipped");
        add(parts, -stopped + (stopped = counters.stopped()), "stopped");
        add(parts, -retried + (retried = counters.retried()), "attempts again");
        add(parts, -replaced + (replaced = counters.replaced()), "instances replaced");
        long newTimed = -timed + (timed = counters.timeInGuest().count());
        long newNanos = -nanos + (nanos = counters.timeInGuest().totalNanos());
        if (newTimed > 0) {
            parts.add(String.format(Locale.ROOT, "%.1f us in the guest each", newNanos / 1e3 / newTimed));
        }
        add(parts, counters.inFlight(), "in flight");
        long lag = lagByPartition.stream().mapToLong(Long::longValue).sum();
        if (newDone == 0 && parts.isEmpty() && lag == 0) {
            return "";
        }
        if (!lagByPartition.isEmpty()) {
            parts.add("lag " + lag);
        }
        double seconds = since.toNanos() / 1e9;
        parts.add(0, String.format(Locale.ROOT, "%d tasks done in %s (%.1f/s)", newDone, Quantity.time(since),
                newDone / Math.max(seconds, 1e-9)));
        return String.join(", ", parts);
    }

    private static void add(List<String> parts, long count, String what) {
        if (count > 0) {
            parts.add(count + " " + what);
        }
    }
}
