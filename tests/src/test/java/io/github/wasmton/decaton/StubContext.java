package io.github.wasmton.decaton;

import java.util.function.Function;

import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;

import com.linecorp.decaton.processor.Completion;
import com.linecorp.decaton.processor.LoggingContext;
import com.linecorp.decaton.processor.ProcessingContext;
import com.linecorp.decaton.processor.TaskMetadata;

/**
 * A task's context that only notes whether its completion was deferred. Subscriptions, of Decaton or of its fake, have
 * contexts that do more.
 */
final class StubContext implements ProcessingContext<byte[]> {
    private boolean deferred;

    /** Returns whether Decaton would commit the record, the processor having returned. */
    boolean isDone() {
        return !deferred;
    }

    @Override
    public Completion deferCompletion() {
        return deferCompletion(expired -> Completion.TimeoutChoice.GIVE_UP);
    }

    /** Returns {@code null}: a processor of one task at a time never completes what it has deferred. */
    @Override
    public Completion deferCompletion(Function<Completion, Completion.TimeoutChoice> callback) {
        deferred = true;
        return null;
    }

    @Override
    public TaskMetadata metadata() {
        return TaskMetadata.builder().timestampMillis(1_234).build();
    }

    @Override
    public byte[] key() {
        return null;
    }

    @Override
    public Headers headers() {
        return new RecordHeaders();
    }

    @Override
    public String subscriptionId() {
        return "subscription";
    }

    /** Returns {@code null}: nothing is logged here, and the test sets the MDC itself. */
    @Override
    public LoggingContext loggingContext() {
        return null;
    }

    @Override
    public Completion push(byte[] task) {
        throw new UnsupportedOperationException("there is no next processor");
    }

    @Override
    public Completion retry() {
        throw new IllegalStateException("retry is not enabled");
    }
}
