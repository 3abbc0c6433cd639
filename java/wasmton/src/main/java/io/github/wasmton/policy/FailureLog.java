package io.github.wasmton.policy;

import java.time.Duration;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import io.github.wasmton.guest.Outcome;
import io.github.wasmton.guest.Task;

/** One line for each attempt that failed, for the person who reads the log. */
final class FailureLog {
    private static final Logger log = LoggerFactory.getLogger(FailureLog.class);

    private FailureLog() {
    }

    static void retry(Task task, Outcome.Failed failure, int attempts, Duration after) {
        log.warn("{} (attempt {}; the next one in {} ms)", line(task, failure), attempts, after.toMillis());
    }

    static void deadLettered(Task task, Outcome.Failed failure, int attempts, String topic) {
        log.warn("{} ({}; now in the dead-letter topic {})", line(task, failure), times(attempts), topic);
    }

    static void skipped(Task task, Outcome.Failed failure, int attempts) {
        log.warn("{} ({}; skipped)", line(task, failure), times(attempts));
    }

    /** Below the line stand the guest's frames, where there are any: nothing else will show them. */
    static void stopped(Task task, Outcome.Failed failure, int attempts, String why) {
        StringBuilder text = new StringBuilder(line(task, failure));
        text.append(" (").append(times(attempts)).append("; ").append(why).append(')');
        failure.backtrace().lines().forEach(frame -> text.append("\n    ").append(frame.strip()));
        log.error("{}", text);
    }

    private static String line(Task task, Outcome.Failed failure) {
        return "Task failed: topic " + task.topic() + ", partition " + known(task.partition()) + ", offset "
                + known(task.offset()) + ": " + failure.reason();
    }

    private static String known(long number) {
        return number < 0 ? "unknown" : Long.toString(number);
    }

    private static String times(int attempts) {
        return attempts == 1 ? "tried once" : "tried " + attempts + " times";
    }
}
