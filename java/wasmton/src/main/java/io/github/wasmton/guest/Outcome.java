package io.github.wasmton.guest;

import java.util.List;
import java.util.Objects;

/** What became of one task in a guest. */
public sealed interface Outcome {
    /** The guest processed the task and produced nothing. One object for all: such a task allocates nothing. */
    Done DONE = new Done(List.of());

    /**
     * The guest processed the task, which is not over before Kafka has what it produced.
     *
     * @param outputs what it produced, in that order; empty as a rule, and then it is {@link #DONE}
     */
    record Done(List<Output> outputs) implements Outcome {
        public Done {
            outputs = List.copyOf(outputs);
        }
    }

    /**
     * The task was not processed.
     *
     * @param kind      what ended it
     * @param reason    one line for a log
     * @param backtrace the guest's frames, innermost first, a line each; empty where wasm was not running
     */
    record Failed(Kind kind, String reason, String backtrace) implements Outcome {
        public Failed {
            Objects.requireNonNull(kind, "kind");
            Objects.requireNonNull(reason, "reason");
            Objects.requireNonNull(backtrace, "backtrace");
        }
    }

    /** How a task can fail. */
    enum Kind {
        /** The guest trapped: a panic, an abort, an access out of bounds, its stack exhausted. */
        TRAP,
        /** The guest called {@code exit}, with whatever status: a processor returns, it does not end. */
        EXIT,
        /** The guest did not return within the deadline. */
        DEADLINE,
        /** {@code run} returned an i32 other than 0. */
        REFUSED,
        /** {@code process} returned {@code retry}: the task may work later. */
        RETRY,
        /** {@code process} returned {@code dead-letter}: this task will never work, and somebody should look at it. */
        DEAD_LETTER,
        /** {@code process} returned {@code skip}: this task need not be done. */
        SKIP,
        /** {@code process} returned {@code fatal}: no task will work, the guest is not set up right. */
        FATAL,
        /** {@code run} returned without taking its task: it did not poll, or its buffer was too small. */
        NOT_TAKEN,
        /** The host could not run the guest: no instance, too little stack, a fault of its own. */
        HOST
    }
}
