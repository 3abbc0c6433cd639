package io.github.wasmton.testing;

import java.util.List;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import org.slf4j.LoggerFactory;

/** Catches what a class logs, while it is open. */
public final class LogCapture implements AutoCloseable {
    private final Logger log;
    private final Level before;
    private final ListAppender<ILoggingEvent> appender = new ListAppender<>();

    /** Catches lines of this level and above. */
    public LogCapture(Class<?> type, Level level) {
        log = (Logger) LoggerFactory.getLogger(type);
        before = log.getLevel();
        log.setLevel(level);
        log.setAdditive(false);
        appender.start();
        log.addAppender(appender);
    }

    /** The lines so far; forgets them. */
    public List<String> take() {
        List<String> lines = appender.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
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
