package io.github.wasmton.internal.author;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import io.github.wasmton.guest.Outcome;
import io.github.wasmton.guest.Output;
import io.github.wasmton.guest.Task;
import io.github.wasmton.internal.text.GuestLines;

/**
 * One attempt of a task, with all that it left behind.
 *
 * @param log     the guest's lines for the log
 * @param changes changes of the guest's stores
 * @param counts  amounts that it added to the guest's own counters, by name
 * @param time    time in the guest
 * @param memory  bytes of linear memory of the instance afterwards
 */
public record Attempt(Task task, Outcome outcome, List<GuestLines.Line> log, List<MemoryStores.Change> changes,
        Map<String, Long> counts, Duration time, long memory) {
    /** Name of the outcome of a task that was processed. */
    public static final String DONE = "done";

    /** Returns {@link #DONE} or the kind of failure, as options write it. */
    public String name() {
        return outcome instanceof Outcome.Failed failed ? nameOf(failed.kind()) : DONE;
    }

    /** Returns the name of a kind of failure, as options write it. */
    static String nameOf(Outcome.Kind kind) {
        return kind.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Returns the reason of a failure; an empty text if the task is done. */
    public String reason() {
        return outcome instanceof Outcome.Failed failed ? failed.reason() : "";
    }

    /** Returns the records that the task produced. */
    public List<Output> outputs() {
        return outcome instanceof Outcome.Done done ? done.outputs() : List.of();
    }

    /** Returns whether an outcome of that name commits the record: the task is done, or the guest skipped it. */
    public static boolean succeeded(String name) {
        return name.equals(DONE) || name.equals(nameOf(Outcome.Kind.SKIP));
    }
}
