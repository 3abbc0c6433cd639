package io.github.wasmton.testing;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import org.slf4j.LoggerFactory;

/** Catches what a class logs, on any thread, while it is open, and keeps it out of the log. */
public final class LogCapture implements AutoCloseable {
    private final Logger log;
    private final Level before;
    private final List<ILoggingEvent> events = new CopyOnWriteArrayList<>();
    private final AppenderBase<ILoggingEvent> appender = new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
            events.add(event);
        }
    };

    /** Catches lines of this level and above. */
    public LogCapture(Class<?> type, Level level) {
        this(type.getName(), level);
    }

    /** The same, by the name of a class that is not to be seen from everywhere. */
    public LogCapture(String name, Level level) {
        log = (Logger) LoggerFactory.getLogger(name);
        before = log.getLevel();
        log.setLevel(level);
        log.setAdditive(false);
        appender.start();
        log.addAppender(appender);
    }

    /** The lines so far; forgets them. */
    public List<String> take() {
        List<String> lines = events.stream().map(ILoggingEvent::getFormattedMessage).toList();
        events.clear();
        return lines;
    }

    /** The lines so far, as {@code LEVEL line}. */
    public List<String> lines() {
        return events.stream().map(event -> event.getLevel() + " " + event.getFormattedMessage()).toList();
    }

    @Override
    public void close() {
        log.detachAppender(appender);
        log.setAdditive(true);
        log.setLevel(before);
    }
}
