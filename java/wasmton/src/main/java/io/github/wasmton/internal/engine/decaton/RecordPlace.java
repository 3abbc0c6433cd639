package io.github.wasmton.internal.engine.decaton;

import com.linecorp.decaton.processor.DecatonProcessor;
import com.linecorp.decaton.processor.tracing.TracingProvider;

/**
 * Carries a record's partition and offset to the processor. A Decaton processor is not told them; what traces records
 * is, and it is called on the processing thread right before the processor. The logging context would do as well, for
 * about ten times the cost on every task.
 */
final class RecordPlace implements TracingProvider.RecordTraceHandle, TracingProvider.ProcessorTraceHandle {
    private final int partition;
    private final long offset;
    private Aware processor;

    /** A processor that is told. */
    interface Aware {
        /** Says where the record of the next {@code process} stands. */
        void nextIsAt(int partition, long offset);
    }

    RecordPlace(int partition, long offset) {
        this.partition = partition;
        this.offset = offset;
    }

    @Override
    public TracingProvider.ProcessorTraceHandle childFor(DecatonProcessor<?> processor) {
        this.processor = (Aware) processor;
        return this;
    }

    @Override
    public void processingStart() {
        processor.nextIsAt(partition, offset);
    }

    @Override
    public void processingReturn() {
    }

    @Override
    public void processingCompletion() {
    }
}
