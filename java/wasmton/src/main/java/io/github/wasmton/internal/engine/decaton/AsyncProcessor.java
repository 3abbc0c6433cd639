package io.github.wasmton.internal.engine.decaton;

import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

import com.linecorp.decaton.processor.Completion;
import com.linecorp.decaton.processor.DecatonProcessor;
import com.linecorp.decaton.processor.ProcessingContext;

import io.github.wasmton.guest.Task;
import io.github.wasmton.internal.engine.InFlightTasks;

/**
 * A Decaton processor that passes tasks on, and waits only while too many are in flight. It defers each record's
 * completion until its task is complete; a record whose task does not complete stays open.
 */
public final class AsyncProcessor<T> implements DecatonProcessor<T>, RecordPlace.Aware {
    private final TaskSource<T> source;
    private final InFlightTasks tasks;
    private final Consumer<Throwable> onFailure;
    private final BooleanSupplier ending;
    private volatile boolean closed;
    private final InFlightTasks.Source partition = new InFlightTasks.Source();

    /**
     * Creates a processor that adds its tasks to these.
     *
     * @param ending    true if the current task may not start; it may wait
     * @param onFailure receives the reason why a task could not be made, after which none is started
     */
    public AsyncProcessor(TaskSource<T> source, InFlightTasks tasks, BooleanSupplier ending,
            Consumer<Throwable> onFailure) {
        this.source = source;
        this.tasks = tasks;
        this.ending = ending;
        this.onFailure = onFailure;
    }

    @Override
    public void nextIsAt(RecordPlace place) {
        ((RecordPlace.Aware) source).nextIsAt(place);
    }

    @Override
    public void process(ProcessingContext<T> context, T data) throws InterruptedException {
        Completion completion = context.deferCompletion();
        try {
            pass(context, data, completion);
        } catch (RuntimeException | Error e) {
            // The record stays open: without an end, all behind it would be processed and never committed.
            tasks.stop();
            onFailure.accept(e);
        }
    }

    private void pass(ProcessingContext<T> context, T data, Completion completion) throws InterruptedException {
        if (ending.getAsBoolean()) {
            return;  // left open
        }
        Task task = source.whole(context, data);
        // Not accepted for now: a rebalance is in progress, and the next question waits for its end.
        while (!tasks.add(task, partition, completion::complete, Long.MAX_VALUE)) {
            if (closed || tasks.isEnding() || ending.getAsBoolean()) {
                return;
            }
        }
    }

    @Override
    public String name() {
        return "Wasmton";
    }

    /** Gives the partition up: tasks that wait for their key or their next attempt are left to its new member. */
    @Override
    public void close() {
        closed = true;
        tasks.forget(partition);
    }
}
