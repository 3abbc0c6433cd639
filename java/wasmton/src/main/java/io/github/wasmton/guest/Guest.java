package io.github.wasmton.guest;

import io.github.wasmton.wasmtime.ExitException;
import io.github.wasmton.wasmtime.TrapCode;
import io.github.wasmton.wasmtime.TrapException;
import io.github.wasmton.wasmtime.WasmtimeException;
import io.github.wasmton.wasmtime.internal.NativeLibrary;
import io.github.wasmton.wasmtime.internal.NativeObject;

/**
 * One instance of a processor, and the only door into it. One thread at a time uses a guest; a second one gets an
 * {@link IllegalStateException} at once. Any thread may close it; a task under way is finished first.
 */
public final class Guest extends NativeObject {
    static {
        NativeLibrary.register(Guest.class);
    }

    /** In what the native methods return: {@code run} or {@code process} returned what stands below. */
    private static final long RETURNED = 1L << 33;
    /** In what the native methods return: the guest did not take its task. */
    private static final long NOT_TAKEN = 1L << 32;
    /** In what the native methods return: there is something to take by {@link #takeNotes(long)}. */
    private static final long NOTES = 1L << 34;
    /** In what the native methods return: where the number of the refusal begins, three bits, 0 for none. */
    private static final int REFUSAL_SHIFT = 35;
    private static final Outcome.Kind[] REFUSALS = {Outcome.Kind.RETRY, Outcome.Kind.SKIP, Outcome.Kind.FATAL,
        Outcome.Kind.DEAD_LETTER};
    /** In what the native methods return: there is something to take by {@link #takeOutputs(long)}. */
    private static final long OUTPUTS = 1L << 38;
    /** What {@code run} of protocol 0 says by returning 1, 2, 3 or 4. */
    private static final Outcome.Kind[] STATUSES = {Outcome.Kind.RETRY, Outcome.Kind.DEAD_LETTER, Outcome.Kind.SKIP,
        Outcome.Kind.FATAL};

    private final GuestOptions options;
    private final boolean component;

    Guest(long handle, GuestOptions options, boolean component) {
        super(handle, Guest::destroy);
        this.options = options;
        this.component = component;
    }

    /**
     * Hands one task to the guest and waits until it is done with it. Whatever the guest does becomes an outcome, never
     * an exception. After a trap, an exit or a deadline the instance is gone, and the next task gets a fresh one.
     *
     * @throws IllegalStateException if the guest is closed or another thread is using it
     */
    public Outcome process(Task task) {
        byte[] value = task.value();
        long result;
        try {
            result = component ? processRecord(task) : process(handleOf(this), value, value == null ? 0 : value.length);
        } catch (Exception | StackOverflowError e) {
            return thrown(e, task);
        }
        return result == RETURNED ? Outcome.DONE : told(result, task);
    }

    /** What came of a task that a pool ran for this guest, by what the pool was told of it. */
    Outcome landed(long result, Task task) {
        if (result == RETURNED) {
            return Outcome.DONE;
        }
        try {
            return told(result == GuestPool.LOOK ? landed(handleOf(this)) : result, task);
        } catch (Exception | StackOverflowError e) {
            return thrown(e, task);
        }
    }

    private Outcome thrown(Throwable thrown, Task task) {
        if (thrown instanceof IllegalStateException e) {
            throw e;
        }
        Notes notes = tell(task);
        if (thrown instanceof TrapException e) {
            return failed(e, notes);
        }
        String reason = thrown.toString();  // for one thrown by a Java stream that is the guest's input or output
        if (thrown instanceof ExitException) {
            return failed(Outcome.Kind.EXIT, thrown.getMessage() + "; a processor returns from run instead", "", notes);
        } else if (thrown instanceof WasmtimeException || thrown instanceof StackOverflowError) {
            reason = String.valueOf(thrown.getMessage());
        }
        return failed(Outcome.Kind.HOST, reason, "", notes);
    }

    private long processRecord(Task task) {
        Headers headers = Headers.of(task);
        return processRecord(handleOf(this), task.topic(), task.partition(), task.offset(), task.timestamp(),
                task.key(), task.value(), headers.names, headers.values, task.attempt());
    }

    /** A task's headers as they cross. */
    record Headers(String[] names, byte[][] values) {
        private static final Headers NONE = new Headers(new String[0], new byte[0][]);

        static Headers of(Task task) {
            int count = task.headers().size();
            if (count == 0) {
                return NONE;
            }
            Headers headers = new Headers(new String[count], new byte[count][]);
            for (int i = 0; i < count; i++) {
                Task.Header header = task.headers().get(i);
                headers.names[i] = header.name();
                headers.values[i] = header.value();
            }
            return headers;
        }
    }

    /** What became of a task that did more than succeed. */
    private Outcome told(long result, Task task) {
        int refusal = (int) (result >>> REFUSAL_SHIFT) & 7;
        Notes notes = (result & NOTES) != 0 || refusal != 0 ? tell(task) : Notes.NONE;
        if (refusal != 0) {
            return new Outcome.Failed(REFUSALS[refusal - 1], notes.refusal, "");
        }
        if ((result & OUTPUTS) != 0) {
            return produced();
        }
        return (result & ~NOTES) == RETURNED ? Outcome.DONE : refused(result, task);
    }

    /**
     * What the native side has to tell besides lines for the log; each empty where there is nothing.
     *
     * @param refusal   why the task was refused
     * @param limit     the limit that the guest ran into
     * @param lastWords what it wrote to standard error last, where that is logged
     */
    private record Notes(String refusal, String limit, String lastWords) {
        static final Notes NONE = new Notes("", "", "");
        /** Where the log's lines begin in what {@link #takeNotes(long)} returns. */
        static final int LINES = 3;
    }

    /** Writes the guest's lines to the log; answers what else there is. */
    private Notes tell(Object task) {
        String[] notes;
        try {
            notes = takeNotes(handleOf(this));
        } catch (IllegalStateException e) {
            return new Notes("the guest was closed", "", "");  // by another thread, meanwhile
        }
        GuestLog.write(task, notes, Notes.LINES);
        return new Notes(notes[0], notes[1], notes[2]);
    }

    /** Writes the lines of the start to the log. */
    void tellOfStart() {
        tell("start");
    }

    private Outcome produced() {
        try {
            return new Outcome.Done(Output.read(takeOutputs(handleOf(this))));
        } catch (IllegalStateException e) {
            // By another thread, meanwhile. What it produced went with it, so the task is not done.
            return new Outcome.Failed(Outcome.Kind.HOST, "the guest was closed", "");
        }
    }

    private Outcome failed(TrapException e, Notes notes) {
        if (e.code() != TrapCode.INTERRUPT) {
            return failed(Outcome.Kind.TRAP, e.getMessage(), e.backtrace(), notes);
        }
        // The start of a fresh instance says so itself.
        String reason = e.getMessage().startsWith("the guest did not start") ? e.getMessage()
                : "the guest did not return within " + options.deadline().toMillis() + " ms";
        return failed(Outcome.Kind.DEADLINE, reason, e.backtrace(), notes);
    }

    private static Outcome failed(Outcome.Kind kind, String reason, String backtrace, Notes notes) {
        Outcome.Kind told = kind;
        StringBuilder text = new StringBuilder();
        if (!notes.limit.isEmpty() && kind != Outcome.Kind.DEADLINE) {
            told = Outcome.Kind.MEMORY;
            text.append(notes.limit).append("; then: ");
        }
        text.append(reason);
        if (!notes.lastWords.isEmpty()) {
            text.append("; its last words: ").append(notes.lastWords);
        }
        return new Outcome.Failed(told, text.toString(), backtrace);
    }

    private static Outcome refused(long result, Task task) {
        if ((result & RETURNED) != 0) {
            int status = (int) result;
            Outcome.Kind kind = status > 0 && status <= STATUSES.length ? STATUSES[status - 1] : Outcome.Kind.REFUSED;
            return new Outcome.Failed(kind, "run returned " + status, "");
        }
        if ((result & NOT_TAKEN) == 0) {
            return new Outcome.Failed(Outcome.Kind.HOST, "the native library failed and could not say why", "");
        }
        int offered = (int) result;
        int length = task.value() == null ? 0 : task.value().length;
        return new Outcome.Failed(Outcome.Kind.NOT_TAKEN, offered == 0
                ? "run returned without taking the task by poll_task"
                : "run returned without taking the task: its buffer of " + offered + " bytes cannot hold " + length,
                "");
    }

    private static native long process(long guest, byte[] task, int length);

    private static native long processRecord(long guest, String topic, int partition, long offset, long timestamp,
            byte[] key, byte[] value, String[] headerNames, byte[][] headerValues, int attempt);

    private static native long landed(long guest);

    /** The components of {@link Notes}, then levels and lines in turn. */
    private static native String[] takeNotes(long guest);

    /** What the last task produced, as {@link Output#read} takes it. */
    private static native byte[] takeOutputs(long guest);

    private static native void destroy(long guest);
}
