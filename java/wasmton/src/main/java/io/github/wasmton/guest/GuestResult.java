package io.github.wasmton.guest;

/**
 * The result of a task as the native methods of {@link Guest} return it. Its layout, which outcome.rs has on the other
 * side:
 *
 * <pre>
 * bits 0 to 31   a number: the status or verdict, or the size of the largest buffer that was offered
 * bits 32, 33    1: the guest did not take its task; 2: {@code run} returned the status; 3: it gave the verdict
 * bit 34         there are notes to take
 * bit 35         there are outputs to take, or ends of the tasks of a batch
 * bits 36 to 62  of a series: the tasks that are done, before the one that the rest is about
 * </pre>
 *
 * <p>It is never 0: a native method that could not even throw returns that.
 */
final class GuestResult {
    /** The result of a task that succeeded and left nothing to take. */
    static final long DONE = 2L << 32;
    /** Stands for a result that {@link Guest} has to ask for, since an exception may belong to it. */
    static final long ASK = -1;

    private static final int FORM_SHIFT = 32;
    private static final int FORM_MASK = 3;
    private static final int NOT_TAKEN = 1;
    private static final int STATUS = 2;
    private static final int VERDICT = 3;
    private static final long NOTES = 1L << 34;
    private static final long OUTPUTS = 1L << 35;
    private static final int DONE_SHIFT = 36;

    /** The meaning of the statuses 1 to 4 of protocol 0; verdicts of protocol 1 and the world have the same. */
    private static final Outcome.Kind[] KINDS = {Outcome.Kind.RETRY, Outcome.Kind.DEAD_LETTER, Outcome.Kind.SKIP,
        Outcome.Kind.FATAL};

    private GuestResult() {
    }

    /** Returns the tasks of a series that are done, before the one that the result is about. */
    static int doneBefore(long result) {
        return (int) (result >>> DONE_SHIFT);
    }

    /** Returns the result of that one task. */
    static long ofLast(long result) {
        return result & (1L << DONE_SHIFT) - 1;
    }

    private static int form(long result) {
        return (int) (result >>> FORM_SHIFT) & FORM_MASK;
    }

    static boolean hasNotes(long result) {
        return (result & NOTES) != 0;
    }

    static boolean hasOutputs(long result) {
        return (result & OUTPUTS) != 0;
    }

    /** Returns whether the guest completed its task. */
    static boolean isDone(long result) {
        return form(result) == STATUS && number(result) == 0;
    }

    /** Returns whether the guest gave a verdict, which has a reason. */
    static boolean isVerdict(long result) {
        return form(result) == VERDICT;
    }

    /** Returns whether {@code run} returned a status. */
    static boolean isStatus(long result) {
        return form(result) == STATUS;
    }

    static boolean isNotTaken(long result) {
        return form(result) == NOT_TAKEN;
    }

    /** Returns the status or verdict, or the size of the largest buffer that was offered. */
    static int number(long result) {
        return (int) result;
    }

    /** Returns the kind of failure that a status or a verdict stands for. */
    static Outcome.Kind kind(long result) {
        int number = number(result);
        return number > 0 && number <= KINDS.length ? KINDS[number - 1] : Outcome.Kind.REFUSED;
    }
}
