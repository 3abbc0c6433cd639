package io.github.wasmton.internal.engine.decaton;

import com.linecorp.decaton.processor.Completion;
import com.linecorp.decaton.processor.DecatonProcessor;
import com.linecorp.decaton.processor.ProcessingContext;
import com.linecorp.decaton.processor.runtime.ConsumedRecord;

import io.github.wasmton.internal.engine.InFlightTasks;

/**
 * One thread of the Decaton engine where many tasks are in flight: it hands them on, and waits only while there are too
 * many. Each record's completion is deferred until its task is complete; where that does not happen it stays open.
 */
final class AsyncEngineProcessor implements DecatonProcessor<ConsumedRecord>, RecordPlace.Aware {
    private final InFlightTasks tasks;
    private final InFlightTasks.Source source = new InFlightTasks.Source();
    private int partition;
    private long offset;

    AsyncEngineProcessor(InFlightTasks tasks) {
        this.tasks = tasks;
    }

    @Override
    public void nextIsAt(int partition, long offset) {
        this.partition = partition;
        this.offset = offset;
    }

    @Override
    public void process(ProcessingContext<ConsumedRecord> context, ConsumedRecord record) throws InterruptedException {
        Completion completion = context.deferCompletion();
        tasks.add(EngineProcessor.task(record, partition, offset), source, completion::complete, Long.MAX_VALUE);
    }

    @Override
    public String name() {
        return "Wasmton";
    }

    /** Called when the partition goes: what waits for its key comes again elsewhere. */
    @Override
    public void close() {
        tasks.forget(source);
    }
}
