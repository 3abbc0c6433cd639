package io.github.wasmton.guest;

import java.nio.ByteBuffer;
import java.util.Collections;
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

    private static final String NO_REASON = "the guest gave no reason";

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
     * exception. A trap, an exit or a deadline ends the instance, and the next task gets a fresh one. A guest that
     * takes batches gets one of this task alone.
     *
     * @throws IllegalStateException if the guest is closed or another thread is using it
     */
    public Outcome process(Task task) {
        Objects.requireNonNull(task, "task");
        if (kind.batches()) {
            Batch batch = processBatch(List.of(task));
            return batch.failure() != null ? batch.failure() : batch.outcomes().get(0);
        }
        if (tasks != null) {
            return processPacked(task, null);
        }
        try {
            return ended(processValue(task), task);
        } catch (Exception | StackOverflowError e) {
            return thrown(e, task);
        }
    }

    private Outcome ended(long result, Task task) {
        return result == GuestResult.DONE ? Outcome.DONE : outcome(result, task);
    }

    private long processValue(Task task) {
        byte[] value = task.value();
        return process(handleOf(this), value, value == null ? 0 : value.length);
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
        Objects.requireNonNull(task, "task");
        Objects.requireNonNull(state, "state");
        if (kind.batches()) {
            return process(task);  // such a guest has no stores
        }
        StateCalls calls = new StateCalls(state);
        if (tasks != null) {
            return processPacked(task, calls);
        }
        try {
            return ended(processValue(task), task);
        } catch (Exception | StackOverflowError e) {
            if (calls.threw(e)) {
                throw e;
            }
            return thrown(e, task);
        }
    }

    /** Uses the buffer until the outcome is there, because it brings the records that the task produced. */
    private Outcome processPacked(Task task, StateCalls calls) {
        tasks.begin();
        try {
            tasks.add(task);
            int length = tasks.flush();
            if (calls == null) {
                return ended(processTasks(handleOf(this), length), task);
            }
            calls.share(tasks.memory());
            return ended(processTasksWithState(handleOf(this), length, calls), task);
        } catch (Exception | StackOverflowError e) {
            if (calls != null && calls.threw(e)) {
                throw e;
            }
            return thrown(e, task);
        } finally {
            tasks.end();
        }
    }

    /**
     * The end of a series of tasks.
     *
     * @param done    the number of tasks at its start that are done, with {@link Outcome#DONE}
     * @param outcome the outcome of the task behind these; the rest of the series was not begun
     */
    public record Series(int done, Outcome outcome) {}

    /**
     * Hands tasks to the guest in their order, until one of them is not simply done: it failed, produced records, or
     * wrote to the log. The caller settles that task before the next one begins, so the rest is for another call. The
     * series also ends after 40 to 50 ms, and when the tasks have filled a buffer. Each task has its own deadline. A
     * component or a guest of protocol 1 gets all tasks in one call from Java; others get one after the other.
     *
     * <p>The guest does not see a series. It does see a {@linkplain #processBatch batch}.
     *
     * @param series one task or more
     * @throws IllegalStateException if the guest is closed or another thread is using it
     */
    public Series process(List<Task> series) {
        if (series.isEmpty()) {
            throw new IllegalArgumentException("a series has one task at least");
        }
        return tasks == null || kind.batches() ? processEach(series) : processPacked(series);
    }

    private Series processEach(List<Task> series) {
        int last = series.size() - 1;
        for (int i = 0; ; i++) {
            Outcome outcome = process(series.get(i));
            if (outcome != Outcome.DONE || i == last) {
                return new Series(i, outcome);
            }
        }
    }

    private Series processPacked(List<Task> series) {
        tasks.begin();
        try {
            tasks.reserve(TaskBuffer.SERIES_CAPACITY);
            pack(series);
            long result = processTasks(handleOf(this), tasks.flush());
            int done = GuestResult.doneBefore(result);
            return new Series(done, ended(GuestResult.ofLast(result), series.get(done)));
        } catch (Exception | StackOverflowError e) {
            int done = e instanceof IllegalStateException ? 0 : doneTasks(handleOf(this));
            return new Series(done, thrown(e, series.get(done)));
        } finally {
            tasks.end();
        }
    }

    /** Packs as many tasks as fit, and returns their number. The rest is for another call. */
    private int pack(List<Task> all) {
        int packed = 0;
        while (packed < all.size() && tasks.add(all.get(packed))) {
            packed++;
        }
        return packed;
    }

    /**
     * The end of a batch.
     *
     * @param size     the number of tasks that the batch had; the others that were given have not begun
     * @param outcomes their outcomes, in their order; empty if the batch failed as a whole
     * @param failure  the failure of the batch as a whole; {@code null} otherwise
     */
    public record Batch(int size, List<Outcome> outcomes, Outcome.Failed failure) {
        public Batch {
            outcomes = List.copyOf(outcomes);
        }
    }

    /**
     * Hands tasks to the guest as one batch: it sees all of them at once, and gives a verdict on each. They have one
     * deadline. A trap, an exit or a deadline fails the batch and ends the instance; the next batch gets a fresh one. A
     * batch has up to 1 MiB of packed tasks, or one task that is larger. The rest is for another call.
     *
     * @param batch one task or more
     * @throws IllegalArgumentException if the guest takes no batches ({@link GuestModule#takesBatches})
     * @throws IllegalStateException if the guest is closed or another thread is using it
     */
    public Batch processBatch(List<Task> batch) {
        if (!kind.batches() || batch.isEmpty()) {
            throw new IllegalArgumentException(batch.isEmpty() ? "a batch has one task at least"
                    : "the guest takes one task at a time; GuestModule.takesBatches tells which guest takes batches");
        }
        List<Task> taken = batch.subList(0, 1);
        long result;
        int length;
        try {
            tasks.begin();
            try {
                if (batch.size() > 1) {
                    tasks.reserve(TaskBuffer.BATCH_CAPACITY);
                }
                taken = batch.subList(0, pack(batch));
                length = tasks.flush();
                result = processBatch(handleOf(this), length);
            } finally {
                tasks.end();
            }
        } catch (Exception | StackOverflowError e) {
            return new Batch(taken.size(), List.of(), thrown(e, subject(taken)));
        }
        if (result == GuestResult.DONE) {
            return new Batch(taken.size(), Collections.nCopies(taken.size(), Outcome.DONE), null);
        }
        Notes notes = GuestResult.hasNotes(result) ? tell(subject(taken)) : Notes.NONE;
        return GuestResult.isDone(result) ? ended(taken, GuestResult.hasOutputs(result), notes)
                : new Batch(taken.size(), List.of(), notTaken(result, "batch", length, notes));
    }

    /** Returns what lines for the log are about. */
    private static Object subject(List<Task> batch) {
        return batch.size() == 1 ? batch.get(0) : batch;
    }

    /** Returns the end of a batch from which the guest returned. */
    private Batch ended(List<Task> batch, boolean different, Notes notes) {
        if (!different) {
            return new Batch(batch.size(), Collections.nCopies(batch.size(), Outcome.DONE), null);
        }
        byte[] ends;
        try {
            ends = takeEnds(handleOf(this));
        } catch (IllegalStateException e) {
            return new Batch(batch.size(), List.of(), closed());
        }
        return new Batch(batch.size(), PackedEnds.outcomes(ends, notes.withLastWords(NO_REASON)), null);
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

    private Outcome.Failed thrown(Throwable thrown, Object subject) {
        if (thrown instanceof IllegalStateException e) {
            throw e;
        }
        Notes notes = tell(subject);
        if (thrown instanceof TrapException e) {
            return failed(e, notes);
        }
        if (thrown instanceof IllegalArgumentException && (kind.protocol() == Protocol.ONE || kind.batches())) {
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
                    ? notes.withLastWords(NO_REASON) : notes.refusal, "");
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

    /** Writes the guest's lines to the log, which are about a task, a batch or the start. Returns the other notes. */
    private Notes tell(Object subject) {
        String[] notes;
        try {
            notes = takeNotes(handleOf(this));
        } catch (IllegalStateException e) {
            return new Notes("the guest was closed", "", "");  // by another thread
        }
        GuestLog.write(subject, notes, Notes.LINES);
        return new Notes(notes[0], notes[1], notes[2]);
    }

    /** Writes the lines of the start to the log. */
    void tellOfStart() {
        tell("start");
    }

    private Outcome produced() {
        try {
            List<Output> shared = tasks == null ? null : tasks.outputs();
            return new Outcome.Done(
                    shared != null ? shared : PackedRecord.outputs(ByteBuffer.wrap(takeOutputs(handleOf(this)))));
        } catch (IllegalStateException e) {
            return closed();
        }
    }

    /** Returns the outcome of a task whose produced records were lost when another thread closed the guest. */
    private static Outcome.Failed closed() {
        return new Outcome.Failed(Outcome.Kind.HOST, "the guest was closed", "");
    }

    private Outcome.Failed failed(TrapException e, Notes notes) {
        if (e.code() != TrapCode.INTERRUPT) {
            return failed(Outcome.Kind.TRAP, e.getMessage(), e.backtrace(), notes);
        }
        // The start of a fresh instance says so itself.
        String reason = e.getMessage().startsWith("the guest did not start") ? e.getMessage()
                : "the guest did not return within " + Quantity.time(options.deadline());
        return failed(Outcome.Kind.DEADLINE, reason, e.backtrace(), notes);
    }

    private static Outcome.Failed failed(Outcome.Kind kind, String reason, String backtrace, Notes notes) {
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
            boolean whole = this.kind.protocol() == Protocol.ONE || this.kind.batches();
            return notTaken(result, "task", whole ? PackedRecord.size(task)
                    : task.value() == null ? 0 : task.value().length, notes);
        } else {
            kind = Outcome.Kind.HOST;
            reason = "the native library failed and could not say why";
        }
        return new Outcome.Failed(kind, notes.withLastWords(reason), "");
    }

    /** Returns the outcome of a task or a batch of that many bytes from which the guest returned without taking it. */
    private Outcome.Failed notTaken(long result, String what, long length, Notes notes) {
        int offered = GuestResult.number(result);
        String reason = "run returned without taking the " + what + (offered != 0
                ? ": its buffer of " + offered + " bytes cannot hold " + length
                : kind.batches() ? " by next_batch" : kind.protocol() == Protocol.ONE ? " by next" : " by poll_task");
        return new Outcome.Failed(Outcome.Kind.NOT_TAKEN, notes.withLastWords(reason), "");
    }

    private static native long process(long guest, byte[] task, int length);

    /** Hands a guest the tasks in the first bytes of its {@link TaskBuffer} as one batch. */
    private static native long processBatch(long guest, int length);

    /** Takes the ends of the tasks of the last batch, as batch.rs packs them. */
    private static native byte[] takeEnds(long guest);

    /** Sets the memory in which {@link #processTasks} and {@link #processBatch} find tasks. */
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

    /** Takes the components of {@link Notes}, then levels and lines in turn, as {@link GuestLog#write} reads them. */
    private static native String[] takeNotes(long guest);

    /** Takes the records that the last task produced, as {@link PackedRecord#outputs} reads them. */
    private static native byte[] takeOutputs(long guest);

    private static native void destroy(long guest);
}
