package io.github.wasmton.decaton;

import java.util.concurrent.CompletableFuture;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import com.linecorp.decaton.processor.DecatonProcessor;
import com.linecorp.decaton.processor.ProcessingContext;
import com.linecorp.decaton.processor.runtime.ConsumedRecord;

import io.github.wasmton.engine.Decision;
import io.github.wasmton.engine.TaskProcessor;
import io.github.wasmton.guest.Task;

/**
 * One thread of the Decaton engine. Decaton counts a record as done as soon as {@link #process} ends, however it ends,
 * unless its completion was deferred: so nothing is thrown out of here, and a record that must not be committed is
 * deferred and left open.
 */
final class EngineProcessor implements DecatonProcessor<ConsumedRecord> {
    private static final Logger log = LoggerFactory.getLogger(EngineProcessor.class);

    private final TaskProcessor processor;
    private final CompletableFuture<String> ended;
    private int partition;
    private long offset;

    EngineProcessor(TaskProcessor processor, CompletableFuture<String> ended) {
        this.processor = processor;
        this.ended = ended;
    }

    /** Says where the record of the next {@link #process} stands. */
    void nextIsAt(int partition, long offset) {
        this.partition = partition;
        this.offset = offset;
    }

    @Override
    public void process(ProcessingContext<ConsumedRecord> context, ConsumedRecord record) {
        if (ended.isDone()) {
            context.deferCompletion();
        } else if (decide(new Task(record.topic(), partition, offset, record.value())) == Decision.STOP) {
            context.deferCompletion();
            ended.complete("a task failed");
        }
    }

    private Decision decide(Task task) {
        try {
            return processor.process(task);
        } catch (Throwable e) {
            log.error("The processor itself failed at {}", task, e);
            return Decision.STOP;
        }
    }

    @Override
    public String name() {
        return "Wasmton";
    }

    @Override
    public void close() {
        processor.close();
    }
}
