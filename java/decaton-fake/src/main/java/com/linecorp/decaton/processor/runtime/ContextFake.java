package com.linecorp.decaton.processor.runtime;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

import com.linecorp.decaton.processor.Completion;
import com.linecorp.decaton.processor.LoggingContext;
import com.linecorp.decaton.processor.ProcessingContext;
import com.linecorp.decaton.processor.TaskMetadata;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Headers;

/** The context of one task. Each deferral returns the same completion. */
final class ContextFake<T> implements ProcessingContext<T>, Completion {
    private final String subscriptionId;
    private final ConsumerRecord<byte[], byte[]> record;
    private final TaskMetadata metadata;
    private final CompletableFuture<Void> future = new CompletableFuture<>();
    private volatile boolean deferred;

    ContextFake(String subscriptionId, ConsumerRecord<byte[], byte[]> record, TaskMetadata metadata,
            Runnable onComplete) {
        this.subscriptionId = subscriptionId;
        this.record = record;
        this.metadata = metadata;
        future.thenRun(onComplete);
    }

    void completeUnlessDeferred() {
        if (!deferred) {
            complete();
        }
    }

    @Override
    public Completion deferCompletion(Function<Completion, TimeoutChoice> callback) {
        deferred = true;
        return this;
    }

    @Override
    public TaskMetadata metadata() {
        return metadata;
    }

    @Override
    public byte[] key() {
        return record.key();
    }

    @Override
    public Headers headers() {
        return record.headers();
    }

    @Override
    public String subscriptionId() {
        return subscriptionId;
    }

    @Override
    public LoggingContext loggingContext() {
        throw new UnsupportedOperationException("not in this fake");
    }

    @Override
    public Completion push(T task) {
        throw new UnsupportedOperationException("not in this fake");
    }

    @Override
    public Completion retry() {
        throw new IllegalStateException("retry is not enabled");
    }

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
