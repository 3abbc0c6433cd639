package io.github.wasmton.internal.run;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.function.Supplier;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import io.github.wasmton.guest.Outcome;
import io.github.wasmton.guest.Task;
import io.github.wasmton.internal.text.LogPlace;
import io.github.wasmton.internal.text.Quantity;

/**
 * Logs each attempt that failed in one line. Except for stops, lines of a kind are limited, or a guest that fails at
 * every task would fill the disk; the next line follows the number of those left out. Any thread may use it.
 */
final class FailureLog {
    private static final Logger log = LoggerFactory.getLogger(FailureLog.class);

    private final Kind retried = new Kind("attempts that failed and were made again");
    private final Kind deadLettered = new Kind("tasks that went to the dead-letter topic");
    private final Kind batches = new Kind("batches that failed");
    private final Kind skipped = new Kind("tasks that were skipped");

    private static final class Kind {
        private final LogRateLimit limit = new LogRateLimit(System::nanoTime);
        private final String plural;

        Kind(String plural) {
            this.plural = plural;
        }

        void write(Task task, Supplier<String> line) {
            long leftOut = limit.admit();
            if (leftOut != LogRateLimit.NO) {
                tell(leftOut);
                in(task, () -> log.warn("{}", line.get()));
            }
        }

        void tell(long leftOut) {
            if (leftOut > 0) {
                log.warn("{} more {} have no line here: there are at most {} in {}", leftOut, plural,
                        LogRateLimit.LINES, Quantity.time(LogRateLimit.STRETCH));
            }
        }

        void end() {
            tell(limit.takeLeftOut());
        }
    }

    void retry(Task task, Outcome.Failed failure, int attempts, Duration after) {
        retried.write(task, () -> line(task, failure) + " (attempt " + attempts + "; the next one in "
                + Quantity.time(after.truncatedTo(ChronoUnit.MILLIS)) + ')');
    }

    void notRetriedLater(Task task, String topic, Throwable e) {
        retried.write(task, () -> "The retry topic " + topic + " did not take the task " + task
                + ", which is tried again here: " + e);
    }

    void batchFailed(Task first, int size, Outcome.Failed failure) {
        batches.write(first, () -> "Batch failed: " + size + " tasks, the first one " + first + ": " + failure.reason()
                + "; each is tried alone");
    }

    void deadLettered(Task task, Outcome.Failed failure, int attempts, String topic) {
        deadLettered.write(task, () -> line(task, failure) + " (" + times(attempts) + "; now in the dead-letter topic "
                + topic + ')');
    }

    void skipped(Task task, Outcome.Failed failure, int attempts) {
        if (failure.kind() == Outcome.Kind.SKIP) {
            // The guest wanted it so: a filter, as a rule.
            in(task, () -> log.debug("Task skipped: {}: {}", task, failure.reason()));
            return;
        }
        skipped.write(task, () -> line(task, failure) + " (" + times(attempts) + "; skipped)");
    }

    /** Writes a line with the task's place in the MDC. */
    private static void in(Task task, Runnable line) {
        LogPlace place = new LogPlace(task.topic(), task.partition(), task.offset());
        try {
            line.run();
        } finally {
            place.close();
        }
    }

    /** Logs how many lines were left out last. */
    void end() {
        retried.end();
        deadLettered.end();
        skipped.end();
        batches.end();
    }

    /** Logs a stop, with the guest's frames below it, which nothing else will show. */
    static void stopped(Task task, Outcome.Failed failure, int attempts, String why) {
        StringBuilder text = new StringBuilder(line(task, failure));
        text.append(" (").append(times(attempts)).append("; ").append(why).append(')');
        failure.backtrace().lines().forEach(frame -> text.append("\n    ").append(frame.strip()));
        in(task, () -> log.error("{}", text));
    }

    static void stopped(Throwable reason) {
        log.error("No task can be processed", reason);
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
