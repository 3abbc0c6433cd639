package io.github.wasmton.guest;

import java.util.List;
import java.util.Objects;

import io.github.wasmton.internal.text.Printable;

/** The result of one task in a guest. */
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
            // Either may quote the guest, its file or its record.
            reason = Printable.line(reason);
            backtrace = Printable.frames(backtrace);
        }
    }

    /** Ways in which a task can fail. */
    enum Kind {
        /** The guest trapped: a panic, an abort, an access out of bounds, its stack exhausted. */
        TRAP,
        /** The guest called {@code exit}, with any status: a processor returns instead. */
        EXIT,
        /** The guest did not return within the deadline. */
        DEADLINE,
        /** The guest needed more memory, or more of something else, than it may have. */
        MEMORY,
        /** {@code run} returned an i32 without a meaning. */
        REFUSED,
        /** The guest says that the task may work later: {@code run} returned 1, or {@code process} {@code retry}. */
        RETRY,
        /** The guest says that somebody has to look at the task: 2, or {@code dead-letter}. */
        DEAD_LETTER,
        /** The guest says that the task will never work, and need not: 3, or {@code skip}. */
        SKIP,
        /** The guest says that no task will work, it is not set up right: 4, or {@code fatal}. */
        FATAL,
        /** {@code run} returned without taking its task: it did not poll, or its buffer was too small. */
        NOT_TAKEN,
        /** The host could not run the guest: it does not start, too little stack, a fault of the host's own. */
        HOST;

        /** Returns whether an instance is dropped after this. Otherwise the guest returned, and is used again. */
        public boolean endsInstance() {
            return switch (this) {
                case TRAP, EXIT, DEADLINE, MEMORY, HOST -> true;
                case REFUSED, RETRY, DEAD_LETTER, SKIP, FATAL, NOT_TAKEN -> false;
            };
        }
    }
}
