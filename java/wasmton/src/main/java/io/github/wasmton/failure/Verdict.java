package io.github.wasmton.failure;

import java.time.Duration;
import java.util.Objects;

/** A decision about a task that failed. */
public sealed interface Verdict {
    /** The verdict that writes the task to the dead-letter topic. */
    DeadLetter DEAD_LETTER = new DeadLetter();
    /** The verdict that gives the task up. */
    Skip SKIP = new Skip();

    /**
     * A retry of the task by the same thread.
     *
     * @param after delay before the next attempt
     */
    record Retry(Duration after) implements Verdict {
        public Retry {
            Objects.requireNonNull(after, "after");
        }
    }

    /** The task goes to the dead-letter topic, and is complete once Kafka has acknowledged it there. */
    record DeadLetter() implements Verdict {}

    /** The task is complete, and its record is given up. */
    record Skip() implements Verdict {}

    /**
     * The task stays uncommitted and everything ends.
     *
     * @param why for the person who finds it stopped: why the task could go nowhere else, and what to do about it
     */
    record Stop(String why) implements Verdict {
        public Stop {
            Objects.requireNonNull(why, "why");
        }
    }
}
