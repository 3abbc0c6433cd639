package io.github.wasmton.internal.engine.decaton;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;

import com.linecorp.decaton.processor.DecatonProcessor;
import com.linecorp.decaton.processor.ProcessingContext;
import com.linecorp.decaton.processor.runtime.ConsumedRecord;

import io.github.wasmton.guest.Task;
import io.github.wasmton.internal.engine.Decision;
import io.github.wasmton.internal.engine.GuardedProcessor;
import io.github.wasmton.internal.engine.TaskProcessor;
import io.github.wasmton.internal.kafka.RecordHeaders;

/**
 * One thread of the Decaton engine. Decaton counts a record as done as soon as {@link #process} ends, however it ends,
 * unless its completion was deferred: so nothing is thrown out of here, and a record that must not be committed is
 * deferred and left open.
 */
final class EngineProcessor implements DecatonProcessor<ConsumedRecord>, RecordPlace.Aware {
    private final TaskProcessor processor;
    private final CompletableFuture<String> ended;
    private final AtomicBoolean abandoned;
    private final CountDownLatch left;
    private final AtomicBoolean busy = new AtomicBoolean();
    private int partition;
    private long offset;
    private boolean over;

    /**
     * Completes {@code ended} at a record that must not be committed, and sets {@code abandoned} when it is closed
     * while a task is under way; {@code left} is counted down at a record that is left open without a failure.
     */
    EngineProcessor(TaskProcessor processor, CompletableFuture<String> ended, AtomicBoolean abandoned,
            CountDownLatch left) {
        this.processor = new GuardedProcessor(processor);
        this.ended = ended;
        this.abandoned = abandoned;
        this.left = left;
    }

    @Override
    public void nextIsAt(int partition, long offset) {
        this.partition = partition;
        this.offset = offset;
    }

    @Override
    public void process(ProcessingContext<ConsumedRecord> context, ConsumedRecord record) {
        if (over || ended.isDone()) {
            context.deferCompletion();
            return;
        }
        busy.setRelease(true);
        Decision decision = processor.process(task(record, partition, offset));
        busy.setRelease(false);
        if (decision != Decision.COMPLETE) {
            over = true;
            context.deferCompletion();
        }
        if (decision == Decision.STOP) {
            ended.complete("a task failed");
        } else if (decision == Decision.ABANDON) {
            left.countDown();
        }
    }

    static Task task(ConsumedRecord record, int partition, long offset) {
        return new Task(record.topic(), partition, offset, record.recordTimestampMillis(), record.key(), record.value(),
                RecordHeaders.of(record.headers()), 1);
    }

    @Override
    public String name() {
        return "Wasmton";
    }

    @Override
    public void close() {
        if (busy.getAcquire()) {
            abandoned.set(true);
        }
        processor.close();
    }
}
