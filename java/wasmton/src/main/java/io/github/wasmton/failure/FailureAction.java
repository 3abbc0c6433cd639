package io.github.wasmton.failure;

import java.util.Locale;

/** What is done about failures of one kind. */
public enum FailureAction {
    /** Tries the task again, up to the number of attempts; then as {@link #DEAD_LETTER}. */
    RETRY(true, End.DEAD_LETTER),
    /** Tries the task again, up to the number of attempts; then skips it. */
    RETRY_THEN_SKIP(true, End.SKIP),
    /** Tries the task again, up to the number of attempts; then stops. */
    RETRY_THEN_STOP(true, End.STOP),
    /** Writes the task to the dead-letter topic; where there is none, stops. */
    DEAD_LETTER(false, End.DEAD_LETTER),
    /** Gives the task up: it counts as complete. */
    SKIP(false, End.SKIP),
    /** Leaves the task uncommitted and ends. */
    STOP(false, End.STOP);

    enum End { DEAD_LETTER, SKIP, STOP }

    private final boolean retries;
    private final End end;

    FailureAction(boolean retries, End end) {
        this.retries = retries;
        this.end = end;
    }

    /** Whether the task is tried again first. */
    boolean retries() {
        return retries;
    }

    /** What is done when it is not tried again. */
    End end() {
        return end;
    }

    /** As people write it: {@code retry-then-skip}. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
