package io.github.wasmton.decaton;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;

import com.linecorp.decaton.processor.Completion;
import com.linecorp.decaton.processor.LoggingContext;
import com.linecorp.decaton.processor.ProcessingContext;
import com.linecorp.decaton.processor.TaskMetadata;

/**
 * One task's context as Decaton makes it: deferring gives the same completion each time, and a task that was not
 * deferred counts as done when the processor returns.
 */
final class FakeContext implements ProcessingContext<byte[]> {
    private FakeCompletion completion;

    boolean isDeferred() {
        return completion != null;
    }

    /** Whether Decaton would commit the record, the processor having returned. */
    boolean isDone() {
        return completion == null || completion.isComplete();
    }

    @Override
    public Completion deferCompletion() {
        return deferCompletion(expired -> Completion.TimeoutChoice.GIVE_UP);
    }

    @Override
    public Completion deferCompletion(Function<Completion, Completion.TimeoutChoice> callback) {
        if (completion == null) {
            completion = new FakeCompletion();
        }
        return completion;
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

    @Override
    public LoggingContext loggingContext() {
        throw new UnsupportedOperationException();
    }

    @Override
    public Completion push(byte[] task) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Completion retry() {
        throw new IllegalStateException("retry is not enabled");
    }

    private static final class FakeCompletion implements Completion {
        private final CompletableFuture<Void> future = new CompletableFuture<>();

        @Override
        public void complete() {
            future.complete(null);
        }

        @Override
        public void completeWith(Completion other) {
            other.asFuture().thenRun(this::complete);
        }

        @Override
        public boolean isComplete() {
            return future.isDone();
        }

        @Override
        public boolean tryExpire() {
            return false;
        }

        @Override
        public CompletionStage<Void> asFuture() {
            return future;
        }
    }
}
