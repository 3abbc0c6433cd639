package io.github.wasmton.policy;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import io.github.wasmton.engine.Decision;
import io.github.wasmton.guest.Outcome;
import io.github.wasmton.guest.Task;

/** Logs the failure and stops: nothing is lost, nothing is skipped, and somebody has to look. */
public final class StopOnFailure implements FailurePolicy {
    private static final Logger log = LoggerFactory.getLogger(StopOnFailure.class);

    @Override
    public Decision decide(Task task, Outcome.Failed failure) {
        log.error("{}", describe(task, failure));
        return Decision.STOP;
    }

    /** One line for the person who reads the log; below it the guest's frames, where there are any. */
    static String describe(Task task, Outcome.Failed failure) {
        StringBuilder text = new StringBuilder("Task failed: topic ").append(task.topic())
                .append(", partition ").append(known(task.partition()))
                .append(", offset ").append(known(task.offset()))
                .append(": ").append(failure.reason());
        failure.backtrace().lines().forEach(frame -> text.append("\n    ").append(frame.strip()));
        return text.toString();
    }

    private static String known(long number) {
        return number < 0 ? "unknown" : Long.toString(number);
    }
}
