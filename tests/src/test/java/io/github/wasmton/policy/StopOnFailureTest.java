package io.github.wasmton.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.github.wasmton.engine.Decision;
import io.github.wasmton.guest.Outcome;
import io.github.wasmton.guest.Task;

class StopOnFailureTest {
    private final Logger logger = (Logger) LoggerFactory.getLogger(StopOnFailure.class);
    private final ListAppender<ILoggingEvent> logged = new ListAppender<>();

    @BeforeEach
    void listen() {
        logged.start();
        logger.addAppender(logged);
        logger.setAdditive(false);
    }

    @AfterEach
    void stopListening() {
        logger.detachAppender(logged);
        logger.setAdditive(true);
    }

    @Test
    void oneLineSaysWhatFailedAndTheFramesStandBelow() {
        Decision decision = new StopOnFailure().decide(new Task("topic", 3, 42, new byte[0]),
                new Outcome.Failed(Outcome.Kind.TRAP, "wasm trap: unreachable", "0: inner\n1: outer\n"));
        assertEquals(Decision.STOP, decision);
        assertEquals(List.of("Task failed: topic topic, partition 3, offset 42: wasm trap: unreachable\n"
                + "    0: inner\n    1: outer"), messages());
        assertEquals(Level.ERROR, logged.list.get(0).getLevel());
    }

    @Test
    void whatIsNotKnownIsNotMadeUp() {
        new StopOnFailure().decide(new Task("unknown", -1, -1, null),
                new Outcome.Failed(Outcome.Kind.DEADLINE, "too slow", ""));
        assertEquals(List.of("Task failed: topic unknown, partition unknown, offset unknown: too slow"), messages());
    }

    private List<String> messages() {
        return logged.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
    }
}
