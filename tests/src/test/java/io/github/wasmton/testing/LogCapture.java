package io.github.wasmton.testing;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import org.slf4j.LoggerFactory;

/** A capture of what a class logs, on any thread, while it is open. The log itself does not get these lines. */
public final class LogCapture implements AutoCloseable {
    private final Logger log;
    private final Level before;
    private final List<ILoggingEvent> events = new CopyOnWriteArrayList<>();
    private final AppenderBase<ILoggingEvent> appender = new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
            event.getMDCPropertyMap();  // which it keeps from now on
            events.add(event);
        }
    };

    /** Captures lines of this level and above. */
    public LogCapture(Class<?> type, Level level) {
        this(type.getName(), level);
    }

    /** Captures lines of a class that is not visible, by its name. */
    public LogCapture(String name, Level level) {
        log = (Logger) LoggerFactory.getLogger(name);
        before = log.getLevel();
        log.setLevel(level);
        log.setAdditive(false);
        appender.start();
        log.addAppender(appender);
    }

    /** Returns the lines so far and forgets them. */
    public List<String> take() {
        List<String> lines = events.stream().map(ILoggingEvent::getFormattedMessage).toList();
        events.clear();
        return lines;
    }

    /** Returns the lines so far, as {@code LEVEL line}. */
    public List<String> lines() {
        return events.stream().map(event -> event.getLevel() + " " + event.getFormattedMessage()).toList();
    }

    /** Returns the MDC of each line so far. */
    public List<Map<String, String>> contexts() {
        return events.stream().map(ILoggingEvent::getMDCPropertyMap).toList();
    }

    @Override
    public void close() {
        log.detachAppender(appender);
        log.setAdditive(true);
        log.setLevel(before);
    }
}
