package io.github.wasmton.failure;

import java.time.Duration;
import java.util.Objects;

import io.github.wasmton.internal.kafka.DeadLetter;

/** What is to become of a task that failed. */
public sealed interface Verdict {
    /** The task goes to the dead-letter topic, and is complete once Kafka has acknowledged it there. */
    DeadLetter DEAD_LETTER = new DeadLetter();
    /** The task is complete, and its record is given up. */
    Skip SKIP = new Skip();

    /** The same thread tries the task again after that time. */
    record Retry(Duration after) implements Verdict {
        public Retry {
            Objects.requireNonNull(after, "after");
        }
    }

    /** See {@link #DEAD_LETTER}. */
    record DeadLetter() implements Verdict {}

    /** See {@link #SKIP}. */
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
