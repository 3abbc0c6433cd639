package com.linecorp.decaton.processor.runtime;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;

import com.linecorp.decaton.processor.Completion;
import com.linecorp.decaton.processor.DecatonProcessor;
import com.linecorp.decaton.processor.LoggingContext;
import com.linecorp.decaton.processor.ProcessingContext;
import com.linecorp.decaton.processor.TaskMetadata;
import com.linecorp.decaton.processor.tracing.TracingProvider;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Headers;

/** The context of one task for one processor of the chain. Each deferral returns the same completion. */
final class ContextFake<T> implements ProcessingContext<T> {
    private final SubscriptionBuilder builder;
    private final ConsumerRecord<byte[], byte[]> record;
    private final TaskMetadata metadata;
    private final List<DecatonProcessor<T>> downstream;
    private final TracingProvider.RecordTraceHandle trace;
    private final AtomicReference<CompletionFake> deferred = new AtomicReference<>();

    ContextFake(SubscriptionBuilder builder, ConsumerRecord<byte[], byte[]> record, TaskMetadata metadata,
            List<DecatonProcessor<T>> downstream, TracingProvider.RecordTraceHandle trace) {
        this.builder = builder;
        this.record = record;
        this.metadata = metadata;
        this.downstream = downstream;
        this.trace = trace;
    }

    private static final class CompletionFake implements Completion {
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

    private static Completion completed() {
        CompletionFake completion = new CompletionFake();
        completion.complete();
        return completion;
    }

    /** Passes the task to the next processor, on the calling thread; drops it if there is none. */
    @Override
    public synchronized Completion push(T task) throws InterruptedException {
        if (downstream.isEmpty()) {
            return completed();
        }
        DecatonProcessor<T> next = downstream.get(0);
        TracingProvider.ProcessorTraceHandle child = trace == null ? null : trace.childFor(next);
        ContextFake<T> context = new ContextFake<>(builder, record, metadata, downstream.subList(1, downstream.size()),
                trace);
        if (child != null) {
            child.processingStart();
        }
        next.process(context, task);
        if (child != null) {
            child.processingReturn();
        }
        Completion completion = context.deferred.get() == null ? completed() : context.deferred.get();
        if (child != null) {
            completion.asFuture().thenRun(child::processingCompletion);
        }
        return completion;
    }

    @Override
    public Completion deferCompletion(Function<Completion, Completion.TimeoutChoice> callback) {
        deferred.compareAndSet(null, new CompletionFake());
        return deferred.get();
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
        return builder.subscriptionId;
    }

    @Override
    public LoggingContext loggingContext() {
        return new LoggingContext(builder.property(ProcessorProperties.CONFIG_LOGGING_MDC_ENABLED).value(), record);
    }

    @Override
    public Completion retry() {
        throw new IllegalStateException("retry is not enabled");
    }
}
