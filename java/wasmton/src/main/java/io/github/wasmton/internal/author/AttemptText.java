package io.github.wasmton.internal.author;

import java.io.PrintStream;
import java.math.BigDecimal;
import java.math.MathContext;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

import io.github.wasmton.guest.Outcome;
import io.github.wasmton.guest.Output;
import io.github.wasmton.guest.StateStores;
import io.github.wasmton.guest.Task;
import io.github.wasmton.internal.text.GuestLines;
import io.github.wasmton.internal.text.Printable;
import io.github.wasmton.internal.text.Quantity;

/** Attempts as text for a terminal. */
public final class AttemptText {
    private static final int BYTES_SHOWN = 32;
    private static final int ENTRIES_SHOWN = 100;
    private static final List<String> UNITS = List.of("B", "KiB", "MiB", "GiB");

    private AttemptText() {
    }

    /** Prints an attempt: its outcome, and the details. */
    public static void print(PrintStream out, Attempt attempt) {
        out.println(attempt.task() + ": " + outcome(attempt) + " in " + time(attempt.time()));
        printDetails(out, attempt);
    }

    /** Prints a batch as a whole: its outcome and the details. Its tasks are printed one by one. */
    public static void print(PrintStream out, BatchAttempt batch) {
        int size = batch.tasks().size();
        boolean failed = batch.whole().outcome() instanceof Outcome.Failed;
        // Each task has a verdict of its own, so that of the whole is not "done".
        out.println("batch of " + size + " from " + batch.whole().task() + ": "
                + (failed ? outcome(batch.whole()) : "returned") + " in " + time(batch.whole().time())
                + (failed && size > 1 ? "; each task alone:" : ""));
        printDetails(out, batch.whole());
    }

    /**
     * Prints what an attempt left: log lines, produced records, changes of stores and of counters, and the frames of a
     * trap.
     */
    public static void printDetails(PrintStream out, Attempt attempt) {
        printLines(out, attempt.log());
        attempt.outputs().forEach(output -> out.println("  out  " + text(output)));
        attempt.changes().forEach(change -> out.println("  state  " + text(change)));
        attempt.counts().forEach((name, added) -> out.println("  count  " + name + " +" + added));
        if (attempt.outcome() instanceof Outcome.Failed failed && !failed.backtrace().isEmpty()) {
            failed.backtrace().lines().forEach(frame -> out.println("  at   " + frame.strip()));
        }
    }

    /** Prints what stores hold: of each the number of its entries, and the first ones. */
    public static void print(PrintStream out, MemoryStores stores) {
        for (String name : stores.names()) {
            List<StateStores.Entry> entries = stores.entries(name);
            out.println("Store " + name + ": " + entries.size() + (entries.size() == 1 ? " entry" : " entries"));
            entries.stream().limit(ENTRIES_SHOWN).forEach(entry ->
                    out.println("  " + text(entry.key()) + " = " + text(entry.value())));
            if (entries.size() > ENTRIES_SHOWN) {
                out.println("  ... and " + (entries.size() - ENTRIES_SHOWN) + " more");
            }
        }
    }

    /** Prints log lines of a guest. */
    public static void printLines(PrintStream out, List<GuestLines.Line> lines) {
        lines.forEach(line -> out.println("  log  " + line));
    }

    /** Returns the outcome with its reason. */
    public static String outcome(Attempt attempt) {
        return attempt.reason().isEmpty() ? attempt.name() : attempt.name() + " (" + attempt.reason() + ')';
    }

    /** Returns a produced record as one line. */
    public static String text(Output output) {
        StringBuilder text = new StringBuilder(output.topic());
        if (output.partition() != null) {
            text.append(", partition ").append(output.partition());
        }
        if (output.timestamp() != null) {
            text.append(", timestamp ").append(output.timestamp());
        }
        for (Task.Header header : output.headers()) {
            text.append(", header ").append(Printable.line(header.name())).append('=').append(text(header.value()));
        }
        return text.append(": ").append(text(output.key())).append(" = ").append(text(output.value())).toString();
    }

    private static String text(MemoryStores.Change change) {
        return change.store() + ": " + text(change.key()) + (change.value() == null ? " deleted"
                : " = " + text(change.value()));
    }

    private static String text(byte[] bytes) {
        if (bytes == null) {
            return "null";
        }
        String text = RecordJson.utf8(bytes);
        if (text != null) {
            return Printable.line(text);
        }
        return "0x" + HexFormat.of().formatHex(bytes, 0, Math.min(bytes.length, BYTES_SHOWN))
                + (bytes.length > BYTES_SHOWN ? "... (" + bytes.length + " bytes)" : "");
    }

    /** Returns a duration with at most three digits after the point: to the microsecond, and from 1 s to the ms. */
    public static String time(Duration time) {
        long unit = time.toSeconds() == 0 ? 1_000 : 1_000_000;
        return Quantity.time(Duration.ofNanos(time.toNanos() / unit * unit));
    }

    /** Returns a number of bytes for people, rounded to three digits: 812B, 95.1KiB, 3.5MiB. */
    public static String size(long bytes) {
        double number = bytes;
        int unit = 0;
        while (number >= 999.5 && unit + 1 < UNITS.size()) {
            number /= 1024;
            unit++;
        }
        return new BigDecimal(number).round(new MathContext(3)).stripTrailingZeros().toPlainString() + UNITS.get(unit);
    }

    /** Returns the number of tasks, and of each outcome. */
    public static String summary(Map<String, Integer> outcomes) {
        int tasks = outcomes.values().stream().mapToInt(Integer::intValue).sum();
        return tasks + (tasks == 1 ? " task: " : " tasks: ") + (tasks == 0 ? "no outcome" : outcomes.entrySet()
                .stream().map(entry -> entry.getValue() + " " + entry.getKey()).collect(Collectors.joining(", ")));
    }
}
