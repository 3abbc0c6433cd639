package io.github.wasmton.guest;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;

import io.github.wasmton.internal.text.Quantity;
import io.github.wasmton.internal.text.SettingNames;
import io.github.wasmton.wasmtime.ExitException;
import io.github.wasmton.wasmtime.TrapCode;
import io.github.wasmton.wasmtime.TrapException;
import io.github.wasmton.wasmtime.WasmtimeException;
import io.github.wasmton.wasmtime.internal.NativeLibrary;
import io.github.wasmton.wasmtime.internal.NativeObject;

/**
 * One instance of a processor. One thread at a time uses a guest; a second thread gets an {@link IllegalStateException}
 * at once. Any thread may close it; a task in progress is finished first.
 */
public final class Guest extends NativeObject {
    static {
        NativeLibrary.register(Guest.class);
    }

    private final GuestOptions options;
    private final GuestModule.Kind kind;
    /** Tasks for a guest that gets whole records; {@code null} for a core module of protocol 0, and in a pool. */
    private final TaskBuffer tasks;

    private Guest(long handle, GuestOptions options, GuestModule.Kind kind, boolean buffered) {
        super(handle, Guest::destroy);
        this.options = options;
        this.kind = kind;
        this.tasks = buffered ? new TaskBuffer(buffer -> useBuffer(handle, buffer)) : null;
    }

    /** Makes a guest that processes tasks on the threads that bring them. */
    static Guest onThread(long handle, GuestOptions options, GuestModule.Kind kind) {
        return new Guest(handle, options, kind, kind.component() || kind.protocol() == Protocol.ONE);
    }

    /** Makes a guest for {@link GuestPool}, which hands over the tasks. There may be thousands of them. */
    static Guest inPool(long handle, GuestOptions options, GuestModule.Kind kind) {
        return new Guest(handle, options, kind, false);
    }

    /**
     * Hands one task to the guest and waits until the guest returns. A failure of the guest is an outcome, never an
     * exception. A trap, an exit or a deadline ends the instance, and the next task gets a fresh one.
     *
     * @throws IllegalStateException if the guest is closed or another thread is using it
     */
    public Outcome process(Task task) {
        byte[] value = task.value();
        long result;
        try {
            result = tasks != null ? processPacked(task)
                    : process(handleOf(this), value, value == null ? 0 : value.length);
        } catch (Exception | StackOverflowError e) {
            return thrown(e, task);
        }
        return result == GuestResult.DONE ? Outcome.DONE : outcome(result, task);
    }

    /**
     * Hands one task to the guest as {@link #process(Task)} does, with the stores that
     * {@link GuestOptions#state()} grants. The guest uses them while it runs; nothing of it is kept here. So whoever
     * calls this drops what was written unless the outcome is {@link Outcome.Done}.
     *
     * <p>An exception that {@code state} throws comes out of here as the same object. It is no failure of the task; the
     * instance ends, and the next task gets a fresh one.
     *
     * @throws IllegalStateException if the guest is closed or another call is using it
     */
    public Outcome process(Task task, StateStores state) {
        Objects.requireNonNull(state, "state");
        byte[] value = task.value();
        StateCalls calls = new StateCalls(state);
        long result;
        try {
            result = tasks != null ? processPacked(task, calls)
                    : process(handleOf(this), value, value == null ? 0 : value.length);
        } catch (Exception | StackOverflowError e) {
            if (calls.threw(e)) {
                throw e;
            }
            return thrown(e, task);
        }
        return result == GuestResult.DONE ? Outcome.DONE : outcome(result, task);
    }

    private long processPacked(Task task, StateCalls calls) {
        tasks.begin();
        try {
            tasks.add(task);
            return processTasksWithState(handleOf(this), tasks.flush(), calls);
        } finally {
            tasks.end();
        }
    }

    private long processPacked(Task task) {
        tasks.begin();
        try {
            tasks.add(task);
            return processTasks(handleOf(this), tasks.flush());
        } finally {
            tasks.end();
        }
    }

    /**
     * The end of a batch.
     *
     * @param done    the number of tasks at its start that are done, with {@link Outcome#DONE}
     * @param outcome the outcome of the task behind these; the rest of the batch was not begun
     */
    public record Batch(int done, Outcome outcome) {}

    /**
     * Hands tasks to the guest in their order, until one of them is not simply done: it failed, produced records, or
     * wrote to the log. What comes of it is settled before the next one begins, so the rest is for another call. The
     * batch also ends when it took 40 to 50 ms, and when the tasks have filled a buffer. Each task has its own
     * deadline. A component or a guest of protocol 1 gets all tasks by one call; others get one after the other.
     *
     * @param batch one task or more
     * @throws IllegalStateException if the guest is closed or another thread is using it
     */
    public Batch process(List<Task> batch) {
        if (batch.isEmpty()) {
            throw new IllegalArgumentException("a batch has one task at least");
        }
        return tasks == null ? processEach(batch) : processPacked(batch);
    }

    private Batch processEach(List<Task> batch) {
        int last = batch.size() - 1;
        for (int i = 0; ; i++) {
            Outcome outcome = process(batch.get(i));
            if (outcome != Outcome.DONE || i == last) {
                return new Batch(i, outcome);
            }
        }
    }

    private Batch processPacked(List<Task> batch) {
        long result;
        try {
            tasks.begin();
            try {
                tasks.forBatch();
                int count = batch.size();
                for (int i = 0; i < count && tasks.add(batch.get(i)); i++) {
                    // The rest is for another call.
                }
                result = processTasks(handleOf(this), tasks.flush());
            } finally {
                tasks.end();
            }
        } catch (Exception | StackOverflowError e) {
            int done = e instanceof IllegalStateException ? 0 : doneTasks(handleOf(this));
            return new Batch(done, thrown(e, batch.get(done)));
        }
        int done = GuestResult.doneBefore(result);
        long last = GuestResult.ofLast(result);
        return new Batch(done, last == GuestResult.DONE ? Outcome.DONE : outcome(last, batch.get(done)));
    }

    /** Returns the outcome of a task that a pool ran in this guest, by the result that the pool got. */
    Outcome complete(long result, Task task) {
        if (result == GuestResult.DONE) {
            return Outcome.DONE;
        }
        try {
            return outcome(result == GuestResult.ASK ? takeResult(handleOf(this)) : result, task);
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
        if (thrown instanceof IllegalArgumentException && kind.protocol() == Protocol.ONE) {
            return failed(Outcome.Kind.TRAP, thrown.getMessage(), "", notes);  // it does not keep to the protocol
        }
        String reason = thrown.toString();  // for one thrown by a Java stream that is the guest's input or output
        if (thrown instanceof ExitException) {
            return failed(Outcome.Kind.EXIT, thrown.getMessage() + "; a processor returns from run instead", "", notes);
        } else if (thrown instanceof WasmtimeException || thrown instanceof StackOverflowError) {
            reason = String.valueOf(thrown.getMessage());
        }
        return failed(Outcome.Kind.HOST, reason, "", notes);
    }

    /** Returns the outcome of a task whose result is not {@link GuestResult#DONE}. */
    private Outcome outcome(long result, Task task) {
        Notes notes = GuestResult.hasNotes(result) || GuestResult.isVerdict(result) ? tell(task) : Notes.NONE;
        if (GuestResult.isVerdict(result)) {
            return new Outcome.Failed(GuestResult.kind(result), notes.refusal.isEmpty()
                    ? notes.withLastWords("the guest gave no reason") : notes.refusal, "");
        }
        if (GuestResult.isDone(result)) {
            return GuestResult.hasOutputs(result) ? produced() : Outcome.DONE;
        }
        return refused(result, task, notes);
    }

    /**
     * Notes of the native side on a task, besides lines for the log; each is empty if there is nothing to say.
     *
     * @param refusal   why the task was refused
     * @param limit     the limit that the guest reached
     * @param lastWords its last output to standard error, if that is logged
     */
    private record Notes(String refusal, String limit, String lastWords) {
        static final Notes NONE = new Notes("", "", "");
        /** Index of the first log line in the result of {@link #takeNotes(long)}. */
        static final int LINES = 3;

        String withLastWords(String reason) {
            return SettingNames.in(lastWords.isEmpty() ? reason : reason + "; its last words: " + lastWords);
        }
    }

    /** Writes the guest's lines to the log and returns the other notes. */
    private Notes tell(Object task) {
        String[] notes;
        try {
            notes = takeNotes(handleOf(this));
        } catch (IllegalStateException e) {
            return new Notes("the guest was closed", "", "");  // by another thread
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
            return new Outcome.Done(PackedRecord.outputs(takeOutputs(handleOf(this))));
        } catch (IllegalStateException e) {
            // By another thread. The produced records are lost with the instance, so the task is not done.
            return new Outcome.Failed(Outcome.Kind.HOST, "the guest was closed", "");
        }
    }

    private Outcome failed(TrapException e, Notes notes) {
        if (e.code() != TrapCode.INTERRUPT) {
            return failed(Outcome.Kind.TRAP, e.getMessage(), e.backtrace(), notes);
        }
        // The start of a fresh instance says so itself.
        String reason = e.getMessage().startsWith("the guest did not start") ? e.getMessage()
                : "the guest did not return within " + Quantity.time(options.deadline());
        return failed(Outcome.Kind.DEADLINE, reason, e.backtrace(), notes);
    }

    private static Outcome failed(Outcome.Kind kind, String reason, String backtrace, Notes notes) {
        if (notes.limit.isEmpty() || kind == Outcome.Kind.DEADLINE) {
            return new Outcome.Failed(kind, notes.withLastWords(reason), backtrace);
        }
        return new Outcome.Failed(Outcome.Kind.MEMORY, notes.withLastWords(notes.limit + "; then: " + reason),
                backtrace);
    }

    /** Returns the outcome of a task that the guest returned from without completing it. */
    private Outcome refused(long result, Task task, Notes notes) {
        String reason;
        Outcome.Kind kind;
        if (GuestResult.isStatus(result)) {
            kind = GuestResult.kind(result);
            reason = "run returned " + GuestResult.number(result);
        } else if (GuestResult.isNotTaken(result)) {
            kind = Outcome.Kind.NOT_TAKEN;
            int offered = GuestResult.number(result);
            boolean whole = this.kind.protocol() == Protocol.ONE;
            long length = whole ? PackedRecord.size(task) : task.value() == null ? 0 : task.value().length;
            reason = "run returned without taking the task" + (offered != 0
                    ? ": its buffer of " + offered + " bytes cannot hold " + length
                    : whole ? " by next" : " by poll_task");
        } else {
            kind = Outcome.Kind.HOST;
            reason = "the native library failed and could not say why";
        }
        return new Outcome.Failed(kind, notes.withLastWords(reason), "");
    }

    private static native long process(long guest, byte[] task, int length);

    /** Sets the memory in which {@link #processTasks} finds tasks. */
    private static native void useBuffer(long guest, ByteBuffer buffer);

    /**
     * Hands a guest the tasks in the first bytes of its {@link TaskBuffer}. Returns a {@link GuestResult}, as all of
     * these do.
     */
    private static native long processTasks(long guest, int length);

    /** Does the same with one task, which brings its stores. */
    private static native long processTasksWithState(long guest, int length, StateCalls calls);

    /** Returns the number of tasks that were done before {@link #processTasks} threw. */
    private static native int doneTasks(long guest);

    /** Takes the result of a task that a pool ran, or throws the error with which the guest failed. */
    private static native long takeResult(long guest);

    /** Takes the components of {@link Notes}, then levels and lines in turn. */
    private static native String[] takeNotes(long guest);

    /** Takes the records that the last task produced, as {@link PackedRecord#outputs} reads them. */
    private static native byte[] takeOutputs(long guest);

    private static native void destroy(long guest);
}
