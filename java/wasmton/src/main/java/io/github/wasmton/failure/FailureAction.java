package io.github.wasmton.failure;

import java.util.Locale;

/** An action for failures of one kind. */
public enum FailureAction {
    /** Retries the task, up to the number of attempts; then acts as {@link #DEAD_LETTER}. */
    RETRY(true, Verdict.DEAD_LETTER),
    /** Retries the task, up to the number of attempts; then skips it. */
    RETRY_THEN_SKIP(true, Verdict.SKIP),
    /** Retries the task, up to the number of attempts; then stops. */
    RETRY_THEN_STOP(true, new Verdict.Stop("a failure of this kind stops everything")),
    /** Writes the task to the dead-letter topic; stops if there is none. */
    DEAD_LETTER(false, Verdict.DEAD_LETTER),
    /** Gives the task up: it counts as complete. */
    SKIP(false, Verdict.SKIP),
    /** Leaves the task uncommitted and ends. */
    STOP(false, RETRY_THEN_STOP.last);

    private final boolean retries;
    private final Verdict last;

    FailureAction(boolean retries, Verdict last) {
        this.retries = retries;
        this.last = last;
    }

    /** Returns whether the task is retried first. */
    boolean retries() {
        return retries;
    }

    /** Returns the verdict after the last attempt. */
    Verdict last() {
        return last;
    }

    /** Returns the name as people write it: {@code retry-then-skip}. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
