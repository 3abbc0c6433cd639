package io.github.wasmton.testing;

import java.util.List;
import java.util.stream.Collectors;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import org.slf4j.LoggerFactory;

/** A capture of guests' log lines, while it is open. */
public final class GuestLogCapture implements AutoCloseable {
    private final Logger log = (Logger) LoggerFactory.getLogger("io.github.wasmton.guest.log");
    private final ListAppender<ILoggingEvent> appender = new ListAppender<>();
    private final Level before = log.getLevel();

    /** Captures lines of this level and above. Guest modules ask for the level when they are loaded. */
    public GuestLogCapture(Level level) {
        log.setLevel(level);
        log.setAdditive(false);
        appender.start();
        log.addAppender(appender);
    }

    /** Returns the lines so far, as {@code LEVEL place: line}. */
    public List<String> lines() {
        return appender.list.stream().map(event -> event.getLevel() + " " + event.getFormattedMessage())
                .collect(Collectors.toList());
    }

    /** Returns the lines so far without level and place, and forgets them. */
    public List<String> take() {
        List<String> lines = appender.list.stream().map(event -> String.valueOf(event.getArgumentArray()[1]))
                .collect(Collectors.toList());
        appender.list.clear();
        return lines;
    }

    @Override
    public void close() {
        log.detachAppender(appender);
        log.setAdditive(true);
        log.setLevel(before);
    }
}
