package io.github.wasmton.internal.engine.decaton;

import com.linecorp.decaton.processor.DecatonProcessor;
import com.linecorp.decaton.processor.tracing.TracingProvider;

/**
 * Carries a record's partition and offset to the processor. Decaton does not give them to a processor, but to a tracing
 * provider, whose handle it calls on the processing thread right before the processor. The logging context would also
 * serve, at about ten times the cost per task.
 */
final class RecordPlace implements TracingProvider.RecordTraceHandle, TracingProvider.ProcessorTraceHandle {
    final int partition;
    final long offset;
    /** Phase of the {@link RebalanceGate} in which the record was read. */
    final int phase;
    /** The handle of a tracing provider on the class path; null if there is none. */
    private final TracingProvider.RecordTraceHandle user;
    private Aware processor;

    /** A receiver of places. */
    interface Aware {
        /** Receives the place of the record that the next {@code process} on this thread gets. */
        void nextIsAt(RecordPlace place);
    }

    RecordPlace(int partition, long offset, int phase, TracingProvider.RecordTraceHandle user) {
        this.partition = partition;
        this.offset = offset;
        this.phase = phase;
        this.user = user;
    }

    @Override
    public TracingProvider.ProcessorTraceHandle childFor(DecatonProcessor<?> processor) {
        this.processor = (Aware) processor;
        return user == null ? this : chained(user.childFor(processor));
    }

    /** Returns a handle that carries the place, and then calls the user's. */
    private TracingProvider.ProcessorTraceHandle chained(TracingProvider.ProcessorTraceHandle child) {
        return new TracingProvider.ProcessorTraceHandle() {
            @Override
            public void processingStart() {
                RecordPlace.this.processingStart();
                child.processingStart();
            }

            @Override
            public void processingReturn() {
                child.processingReturn();
            }

            @Override
            public void processingCompletion() {
                child.processingCompletion();
            }
        };
    }

    @Override
    public void processingStart() {
        processor.nextIsAt(this);
    }

    @Override
    public void processingReturn() {
    }

    @Override
    public void processingCompletion() {
        if (user != null) {
            user.processingCompletion();
        }
    }
}
