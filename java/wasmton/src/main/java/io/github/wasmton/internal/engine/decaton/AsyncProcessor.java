package io.github.wasmton.internal.engine.decaton;

import com.linecorp.decaton.processor.Completion;
import com.linecorp.decaton.processor.DecatonProcessor;
import com.linecorp.decaton.processor.ProcessingContext;

import io.github.wasmton.internal.engine.InFlightTasks;

/**
 * A Decaton processor that hands tasks on, and waits only while too many are in flight. Each record's completion is
 * deferred until its task is complete; if that does not happen it stays open.
 */
public final class AsyncProcessor<T> implements DecatonProcessor<T>, RecordPlace.Aware {
    private final TaskSource<T> source;
    private final InFlightTasks tasks;
    private final InFlightTasks.Source partition = new InFlightTasks.Source();

    /** Makes a processor whose tasks are among these. */
    public AsyncProcessor(TaskSource<T> source, InFlightTasks tasks) {
        this.source = source;
        this.tasks = tasks;
    }

    @Override
    public void nextIsAt(int partition, long offset) {
        ((RecordPlace.Aware) source).nextIsAt(partition, offset);
    }

    @Override
    public void process(ProcessingContext<T> context, T data) throws InterruptedException {
        Completion completion = context.deferCompletion();
        tasks.add(source.whole(context, data), partition, completion::complete, Long.MAX_VALUE);
    }

    @Override
    public String name() {
        return "Wasmton";
    }

    /** Gives the partition up: tasks that wait for their key come again elsewhere. */
    @Override
    public void close() {
        tasks.forget(partition);
    }
}
