package io.github.wasmton.internal.engine.decaton;

import com.linecorp.decaton.processor.DecatonProcessor;
import com.linecorp.decaton.processor.tracing.TracingProvider;

/**
 * Carries a record's partition and offset to the processor. Decaton does not give them to a processor, but to a tracing
 * provider, whose handle it calls on the processing thread right before the processor. The logging context would also
 * serve, at about ten times the cost per task.
 */
final class RecordPlace implements TracingProvider.RecordTraceHandle, TracingProvider.ProcessorTraceHandle {
    private final int partition;
    private final long offset;
    private Aware processor;

    /** A receiver of places. */
    interface Aware {
        /** Receives the place of the record that the next {@code process} on this thread gets. */
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
