package io.github.wasmton.internal.text;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

import org.slf4j.event.Level;

/**
 * Log lines of guests, collected instead of logged. It takes the lines of all guests that one thread loads and runs,
 * from {@link #collect} until it is closed.
 */
public final class GuestLines implements AutoCloseable {
    private static final ThreadLocal<GuestLines> collector = new ThreadLocal<>();

    private final Level lowest;
    private List<Line> lines = new ArrayList<>();

    /** A line of a guest. */
    public record Line(Level level, String text) {
        /** Returns the line as a log shows it. */
        @Override
        public String toString() {
            return level + " " + text;
        }
    }

    private GuestLines(Level lowest) {
        this.lowest = lowest;
    }

    /** Collects the lines of this level and above of the guests that this thread loads from now on. */
    public static GuestLines collect(Level lowest) {
        GuestLines lines = new GuestLines(lowest);
        collector.set(lines);
        return lines;
    }

    /** Runs work on this thread for a thread with that collector; it must wait meanwhile. Null is no collector. */
    public static <T> T with(GuestLines lines, Supplier<T> work) {
        collector.set(lines);
        try {
            return work.get();
        } finally {
            collector.remove();
        }
    }

    /** Returns what collects the lines of this thread; {@code null} if they go to the log. */
    public static GuestLines current() {
        return collector.get();
    }

    /** Returns the lowest level that is collected. */
    public Level lowest() {
        return lowest;
    }

    /** Adds a line, unless its level is too low. */
    public void add(Level level, String text) {
        if (level.toInt() >= lowest.toInt()) {
            lines.add(new Line(level, text));
        }
    }

    /** Returns the lines since the last call. */
    public List<Line> take() {
        List<Line> taken = lines;
        lines = new ArrayList<>();
        return taken;
    }

    /** Ends the collection: lines of this thread go to the log again. */
    @Override
    public void close() {
        collector.remove();
    }
}
