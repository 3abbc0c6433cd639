package io.github.wasmton.guest;

import java.util.Arrays;
import java.util.List;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

import io.github.wasmton.internal.text.GuestLines;
import io.github.wasmton.internal.text.LogPlace;
import io.github.wasmton.internal.text.Printable;
import io.github.wasmton.internal.text.SettingNames;

/**
 * The log for lines of guests: output to standard streams, messages by {@code decaton:processor/log}, and denied
 * requests.
 */
final class GuestLog {
    private static final Logger log = LoggerFactory.getLogger("io.github.wasmton.guest.log");

    /** Levels by their number in Rust. */
    private static final Level[] LEVELS = {Level.TRACE, Level.DEBUG, Level.INFO, Level.WARN, Level.ERROR};

    private GuestLog() {
    }

    /** Returns the number of the lowest level that is enabled. */
    static int lowestLevel() {
        GuestLines collected = GuestLines.current();
        if (collected != null) {
            return Arrays.asList(LEVELS).indexOf(collected.lowest());
        }
        for (int i = 0; i < LEVELS.length; i++) {
            if (isEnabled(LEVELS[i])) {
                return i;
            }
        }
        return LEVELS.length - 1;
    }

    /**
     * Writes lines: pairs of a level's name and a line, from index {@code first}. An empty name changes the subject of
     * the lines behind it: the task of a batch with that index, or the batch as a whole.
     *
     * @param subject what they are about: a task, a batch as a list of tasks, or anything else by its text
     */
    static void write(Object subject, String[] notes, int first) {
        Object about = subject;
        for (int from = first; from < notes.length; ) {
            if (notes[from].isEmpty()) {
                String index = notes[from + 1];
                about = !(subject instanceof List<?> batch) || index.isEmpty() ? subject
                        : batch.get(Integer.parseInt(index));
                from += 2;
            }
            int to = from;
            while (to < notes.length && !notes[to].isEmpty()) {
                to += 2;
            }
            writeAbout(about, notes, from, to);
            from = to;
        }
    }

    private static void writeAbout(Object about, String[] notes, int from, int to) {
        if (about instanceof Task known) {
            LogPlace place = new LogPlace(known.topic(), known.partition(), known.offset());
            try {
                writeLines(about, notes, from, to);
            } finally {
                place.close();
            }
        } else {
            writeLines(about instanceof List<?> batch ? "batch of " + batch.size() + " from " + batch.get(0) : about,
                    notes, from, to);
        }
    }

    private static void writeLines(Object task, String[] notes, int from, int to) {
        GuestLines collected = from < to ? GuestLines.current() : null;
        for (int i = from; i + 1 < to; i += 2) {
            Level level = Level.valueOf(notes[i]);
            String line = Printable.line(SettingNames.in(notes[i + 1]));
            if (collected != null) {
                collected.add(level, line);
            } else {
                log(level, task, line);
            }
        }
    }

    /** Tells what SLF4J 2 can be asked for; Decaton brings SLF4J 1.7. */
    private static boolean isEnabled(Level level) {
        return switch (level) {
            case TRACE -> log.isTraceEnabled();
            case DEBUG -> log.isDebugEnabled();
            case INFO -> log.isInfoEnabled();
            case WARN -> log.isWarnEnabled();
            case ERROR -> log.isErrorEnabled();
        };
    }

    private static void log(Level level, Object task, String line) {
        String format = "{}: {}";
        switch (level) {
            case TRACE -> log.trace(format, task, line);
            case DEBUG -> log.debug(format, task, line);
            case INFO -> log.info(format, task, line);
            case WARN -> log.warn(format, task, line);
            case ERROR -> log.error(format, task, line);
        }
    }
}
