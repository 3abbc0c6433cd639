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
    private final DecatonTask<T> task;
    private final RetryFake retry;
    private final List<DecatonProcessor<T>> downstream;
    private final TracingProvider.RecordTraceHandle trace;
    private final AtomicReference<CompletionFake> deferred = new AtomicReference<>();

    /** Creates a context; {@code retry} is null if retries are not enabled. */
    ContextFake(SubscriptionBuilder builder, ConsumerRecord<byte[], byte[]> record, DecatonTask<T> task,
            RetryFake retry, List<DecatonProcessor<T>> downstream, TracingProvider.RecordTraceHandle trace) {
        this.builder = builder;
        this.record = record;
        this.task = task;
        this.retry = retry;
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
    public synchronized Completion push(T pushed) throws InterruptedException {
        if (downstream.isEmpty()) {
            return completed();
        }
        DecatonProcessor<T> next = downstream.get(0);
        TracingProvider.ProcessorTraceHandle child = trace == null ? null : trace.childFor(next);
        ContextFake<T> context = new ContextFake<>(builder, record,
                new DecatonTask<>(task.metadata, pushed, task.taskDataBytes), retry,
                downstream.subList(1, downstream.size()), trace);
        if (child != null) {
            child.processingStart();
        }
        next.process(context, pushed);
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
        return task.metadata;
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

    /** Writes the task to the retry topic; it is complete with the acknowledgement or the failure. */
    @Override
    public Completion retry() {
        if (retry == null) {
            throw new IllegalStateException("retry is not enabled");
        }
        Completion retried = new CompletionFake();
        retried.completeWith(retry.send(task.metadata, record.key(), task.taskDataBytes, record.headers()));
        deferCompletion().completeWith(retried);
        return retried;
    }
}
